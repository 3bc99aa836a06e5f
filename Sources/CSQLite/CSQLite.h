// SQLite as Debian ships it; the module map links it.
#include <sqlite3.h>
