// libevent as this project sees it. <sys/select.h> must come first: event-config.h of Debian
// defines _GNU_SOURCE, and Glibc's fd_set would otherwise be seen with two different layouts.
#include <sys/select.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <event2/thread.h>
