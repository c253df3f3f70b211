return {'permitted', failures, lock, guesses, account[4], account[5], before, unpack(entry, 3)}
