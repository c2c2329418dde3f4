-- What a utility handed in, cycle by cycle: it looks its own imports up without knowing the accounts.
create index bill_import_party on bill_import (party, cycle, account, point);
