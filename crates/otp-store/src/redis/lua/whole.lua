-- Whether the account has every field. A hash that names neither a credential nor recovery codes is
-- not an account.
local function whole(account)
  for _, place in ipairs({1, 2, 3, 4, 6}) do
    if not account[place] then return false end
  end
  return account[5] or names() > 0
end
