return {'permitted', failures, lock, guesses, account[4], account[5], before, key,
  string.format('%d', left)}
