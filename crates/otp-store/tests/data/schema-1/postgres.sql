-- See README.md. These statements make the tables of schema version 1 and their rows.

CREATE TABLE otp_schema (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version integer NOT NULL
);

CREATE TABLE otp_throttle (
    account      text COLLATE "C" PRIMARY KEY,
    failures     bigint NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 4294967295),
    locked_until bigint NOT NULL DEFAULT 0 CHECK (locked_until >= 0)
) WITH (fillfactor = 60);

CREATE TABLE otp_credential (
    account    text COLLATE "C" NOT NULL REFERENCES otp_throttle,
    name       text COLLATE "C" NOT NULL,
    record     text COLLATE "C" NOT NULL,
    hotp       boolean  NOT NULL,
    length     smallint NOT NULL CHECK (length BETWEEN 5 AND 10),
    generation bigint   NOT NULL CHECK (generation >= 0),
    confirmed  boolean  NOT NULL,
    next       bigint   NOT NULL CHECK (next >= 0),
    drift      smallint NOT NULL,
    attempt    bytea    CHECK (length(attempt) = 16),
    PRIMARY KEY (account, name)
) WITH (fillfactor = 60);

INSERT INTO otp_schema (one, version) VALUES (true, 1);

INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('confirmed', 0, 0);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('unconfirmed', 1, 0);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('drifted', 0, 0);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('locked', 4, 1700000035);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('hard-locked', 33, 9223372036854775807);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('hotp', 0, 0);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('steam', 0, 0);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('élan:1', 0, 0);
INSERT INTO otp_throttle (account, failures, locked_until) VALUES ('pair', 2, 0);

INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('confirmed', '', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0,"sealed":"$otp$v=2$xc20p$2023$wF3HnsAAuCdDIM4x48UJlxPKnMmDZQcE$rC7XCZzvaM4TIxgCwwuGLfBTJS5JgAixkm6RWHsqoE8EcIhs3or-2HIRL8spnRxsvk2mAg"}', false, 6, 6656250476328628623, true, 56666667, 0, '\xdcb9a9aaa8cca3e6a629958cbae897f5');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('unconfirmed', '', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0,"sealed":"$otp$v=2$xc20p$2023$5zrNB6wuiMwqcdNmdXNr8NltO89gcwGq$LGPenBR1WV_IuE_MWVm8SS9wXhTSo4db4za0cyglBh8GzT9vTG7VlcazKJm9Uq6nYbdVEA"}', false, 6, 984140572254341505, false, 0, 0, NULL);
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('drifted', '', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0,"sealed":"$otp$v=2$xc20p$2023$GpnUcD3gc7xx41Mcf_BnhoyQg7E5c6Ve$NlA5uQ6yRJMPWJ-5-0hFwtm9loXMbucvDKn1ls4BnWJtfZsARNsHWQQrny6Nk6v67dLaeQ"}', false, 6, 6306181318668136870, true, 56666673, 6, '\xfaed8a5545b3178f0337b0d835569f4b');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('locked', '', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0,"sealed":"$otp$v=2$xc20p$2023$j6rJTqunLN66iokdvL7jxX89tq5WNa_l$pX6Z41BOAMTQYoo6yQ6g1D9LGSoiJI-v-HwCcrAiOxCTFIoNIqw4-DIg8I9omyZvEw_vRw"}', false, 6, 6579066466260009431, true, 56666667, 0, '\x965b721d9f91afe3853f44b5e3375b45');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('hard-locked', '', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0,"sealed":"$otp$v=2$xc20p$2023$ix14k4QwxWFKoEo5CpRnM8bgH82KooVf$Q0EHIqqpdhNHzZFcpT-8mGN8lv8fGjheHIgXV6tjaxxuwj4nlRS2WkI22gpLnItsRh-3sg"}', false, 6, 6812089620186220801, true, 56665166, 0, '\x5c43d8df820d888bc48c525862c6f08d');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('hotp', '', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"hotp","algorithm":"SHA1","digits":6,"next":0,"sealed":"$otp$v=2$xc20p$2023$5UDG5IEg3I1WGI0pwTttBtT-8id5XVcs$gXOgbwLbm2jzKVoZrEfYhXuFp6B26BAnNO5FNrvn-wjVYbjRCQW7aCwssteQWFCTOur9mA"}', true, 6, 3390693904370600442, true, 2, 0, '\xdaced31869a055a441c88060500f722f');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('steam', '', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"steam","next":0,"sealed":"$otp$v=2$xc20p$2023$VTZDe5wNJKSrLXp4lp5_WKaQL5lA6ehe$4wsVFYGde_61Mls2g3unwJZEX-3SCCci25Lbc3whg94f6mAX0mJ2iAi9djJYN6iBj35cpw"}', false, 5, 8272915239833713000, true, 56666667, 0, '\x72a28ad2f39d084b4b05509c00c7b8e3');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('pair', 'phone', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0,"sealed":"$otp$v=2$xc20p$2023$Unj-SrklGzSKP_oa9ZIjMA9ZqVdWvJkY$YkItDgBnIPZrZe3MIqWkKckf0NSXBFdubnPXamOmNoOw3DLqtijoF8t2HV2xTQXsm5fpaA"}', false, 6, 175459324923677097, true, 56666667, 0, '\x115ce72d4ddddc408aebb94e36bc18e0');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('pair', 'tablet', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0,"sealed":"$otp$v=2$xc20p$2022$SSg7nZalrH0DnlwItg5wuFU3H1SGepPS$7B7cchG8xuGXFyFE7FkHS897mo8nlMPWavjIFv4Uqh7ceaARZ0ziCMCJZsmumDirPNNmAQ"}', false, 6, 4791604772731670695, true, 56666667, 0, '\x3dca43d8eb2ca0c0aef27936bb485897');
INSERT INTO otp_credential
    (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ('élan:1', 'a b', '{"v":2,"account":"alice@example.com","issuer":"Example","type":"totp","algorithm":"SHA256","digits":8,"period":60,"next":0,"sealed":"$otp$v=2$xc20p$2023$0RIyPZMoQ_mE1kb-NHxnc7R5M9fZERn-$lyUmN7PW68azIc2rfrrwCLVu1P6vS0WkQ3RS2ZbPEwrGnpRXozpJmvAP0I1iufWrPyh6KcdCzlNfI_nfsvKs4A"}', false, 8, 8581509413077960971, true, 28333333, 0, '\x15fbd92256efa87c4b3db2916dbbb9a6');
