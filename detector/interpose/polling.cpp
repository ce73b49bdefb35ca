// poll, select and epoll: who sees a descriptor ready is after what made it so.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "detector/interpose/blocking.hpp"
#include "detector/interpose/descriptors.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

using namespace descriptors;

GOBENCH_REAL(poll);
GOBENCH_REAL(ppoll);
GOBENCH_REAL_TYPE(__poll_chk, int(pollfd*, nfds_t, int, std::size_t));
GOBENCH_REAL(select);
GOBENCH_REAL(pselect);
GOBENCH_REAL(epoll_ctl);
GOBENCH_REAL(epoll_wait);
GOBENCH_REAL(epoll_pwait);
GOBENCH_REAL_TYPE(epoll_pwait2, int(int, epoll_event*, int, const timespec*, const sigset_t*));

namespace {

template <typename Poll>
int polling(const pollfd* polled, nfds_t count, Poll real_poll) {
  const int ready = cancellation_point(real_poll);
  if (ready <= 0 || is_internal()) return ready;
  for (nfds_t i = 0; i < count; ++i)
    if (polled[i].revents != 0) was_read(polled[i].fd);
  return ready;
}

void read_ready(int count, const fd_set* set) noexcept {
  if (set == nullptr) return;
  for (int fd = 0; fd < count && fd < FD_SETSIZE; ++fd)
    if (FD_ISSET(fd, set)) was_read(fd);
}

template <typename Select>
int selecting(int count, const fd_set* reads, const fd_set* writes, const fd_set* others,
              Select real_select) {
  const int ready = cancellation_point(real_select);
  if (ready <= 0 || is_internal()) return ready;
  read_ready(count, reads);
  read_ready(count, writes);
  read_ready(count, others);
  return ready;
}

template <typename Wait>
int waiting_for_events(int epoll, Wait real_wait) {
  const int ready = cancellation_point(real_wait);
  if (ready <= 0 || is_internal()) return ready;
  was_read(epoll);
  events_seen();
  return ready;
}

}  // namespace

GOBENCH_INTERPOSED(int, poll, pollfd* polled, nfds_t count, int most) {
  return polling(polled, count, [=] { return real_poll(polled, count, most); });
}
GOBENCH_INTERPOSED(int, __poll_chk, pollfd* polled, nfds_t count, int most, std::size_t room) {
  return polling(polled, count, [=] { return real___poll_chk(polled, count, most, room); });
}
GOBENCH_INTERPOSED(int, ppoll, pollfd* polled, nfds_t count, const timespec* most,
                   const sigset_t* mask) {
  return polling(polled, count, [=] { return real_ppoll(polled, count, most, mask); });
}

GOBENCH_INTERPOSED(int, select, int count, fd_set* reads, fd_set* writes, fd_set* others,
                   timeval* most) {
  return selecting(count, reads, writes, others,
                   [=] { return real_select(count, reads, writes, others, most); });
}
GOBENCH_INTERPOSED(int, pselect, int count, fd_set* reads, fd_set* writes, fd_set* others,
                   const timespec* most, const sigset_t* mask) {
  return selecting(count, reads, writes, others,
                   [=] { return real_pselect(count, reads, writes, others, most, mask); });
}

GOBENCH_INTERPOSED(int, epoll_ctl, int epoll, int operation, int fd, epoll_event* event) {
  if (operation != EPOLL_CTL_DEL) watched(epoll, fd);
  return real_epoll_ctl(epoll, operation, fd, event);
}
GOBENCH_INTERPOSED(int, epoll_wait, int epoll, epoll_event* events, int count, int most) {
  return waiting_for_events(epoll, [=] { return real_epoll_wait(epoll, events, count, most); });
}
GOBENCH_INTERPOSED(int, epoll_pwait, int epoll, epoll_event* events, int count, int most,
                   const sigset_t* mask) {
  return waiting_for_events(epoll,
                            [=] { return real_epoll_pwait(epoll, events, count, most, mask); });
}
GOBENCH_INTERPOSED(int, epoll_pwait2, int epoll, epoll_event* events, int count,
                   const timespec* most, const sigset_t* mask) {
  return waiting_for_events(epoll,
                            [=] { return real_epoll_pwait2(epoll, events, count, most, mask); });
}

}  // namespace gobench::detector::interpose
