// poll, select and epoll: who sees a descriptor ready is after what made it so.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "detector/explore/blocking_calls.hpp"
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

// When a wait of so long ends; below 0: never.
std::int64_t deadline_after_ms(int most) noexcept {
  if (most < 0) return explore::never;
  if (most == 0) return 0;
  const timespec length{most / 1000, (most % 1000) * 1'000'000L};
  return explore::deadline_after(&length);
}
std::int64_t deadline_after(const timespec* most) noexcept {
  if (most != nullptr && most->tv_sec == 0 && most->tv_nsec == 0) return 0;
  return explore::deadline_after(most);
}

// Under exploration, until the real call would find something; then the real one is made without waiting.
int poll_explored(pollfd* polled, nfds_t count, std::int64_t deadline, address pc) {
  return cancellation_point([=] { return explore::poll_descriptors(polled, count, deadline, pc); });
}

// The same for the sets of select().
bool wait_for_sets(int count, const fd_set* reads, const fd_set* writes, const fd_set* others,
                   std::int64_t deadline, address pc) {
  pollfd polled[FD_SETSIZE];
  nfds_t used = 0;
  for (int fd = 0; fd < count && fd < FD_SETSIZE; ++fd) {
    short events = 0;
    if (reads != nullptr && FD_ISSET(fd, reads)) events |= POLLIN;
    if (writes != nullptr && FD_ISSET(fd, writes)) events |= POLLOUT;
    if (others != nullptr && FD_ISSET(fd, others)) events |= POLLPRI;
    if (events != 0) polled[used++] = {fd, events, 0};
  }
  return poll_explored(polled, used, deadline, pc) >= 0;
}

bool wait_for_epoll(int epoll, std::int64_t deadline, address pc) {
  pollfd one{epoll, POLLIN, 0};
  return poll_explored(&one, 1, deadline, pc) >= 0;
}

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
  const address pc = GOBENCH_CALLER_PC();
  return polling(polled, count, [=] {
    return explore::controls() ? poll_explored(polled, count, deadline_after_ms(most), pc)
                               : real_poll(polled, count, most);
  });
}
GOBENCH_INTERPOSED(int, __poll_chk, pollfd* polled, nfds_t count, int most, std::size_t room) {
  const address pc = GOBENCH_CALLER_PC();
  return polling(polled, count, [=] {
    return explore::controls() ? poll_explored(polled, count, deadline_after_ms(most), pc)
                               : real___poll_chk(polled, count, most, room);
  });
}
GOBENCH_INTERPOSED(int, ppoll, pollfd* polled, nfds_t count, const timespec* most,
                   const sigset_t* mask) {
  const address pc = GOBENCH_CALLER_PC();
  return polling(polled, count, [=] {
    return explore::controls() ? poll_explored(polled, count, deadline_after(most), pc)
                               : real_ppoll(polled, count, most, mask);
  });
}

GOBENCH_INTERPOSED(int, select, int count, fd_set* reads, fd_set* writes, fd_set* others,
                   timeval* most) {
  const address pc = GOBENCH_CALLER_PC();
  return selecting(count, reads, writes, others, [=] {
    if (!explore::controls()) return real_select(count, reads, writes, others, most);
    const timespec length =
        most == nullptr ? timespec{} : timespec{most->tv_sec, most->tv_usec * 1'000};
    if (!wait_for_sets(count, reads, writes, others,
                       deadline_after(most == nullptr ? nullptr : &length), pc))
      return -1;
    timeval none{};
    return real_select(count, reads, writes, others, &none);
  });
}
GOBENCH_INTERPOSED(int, pselect, int count, fd_set* reads, fd_set* writes, fd_set* others,
                   const timespec* most, const sigset_t* mask) {
  const address pc = GOBENCH_CALLER_PC();
  return selecting(count, reads, writes, others, [=] {
    if (!explore::controls()) return real_pselect(count, reads, writes, others, most, mask);
    if (!wait_for_sets(count, reads, writes, others, deadline_after(most), pc)) return -1;
    constexpr timespec none{};
    return real_pselect(count, reads, writes, others, &none, mask);
  });
}

GOBENCH_INTERPOSED(int, epoll_ctl, int epoll, int operation, int fd, epoll_event* event) {
  if (operation != EPOLL_CTL_DEL) watched(epoll, fd);
  return real_epoll_ctl(epoll, operation, fd, event);
}
GOBENCH_INTERPOSED(int, epoll_wait, int epoll, epoll_event* events, int count, int most) {
  const address pc = GOBENCH_CALLER_PC();
  return waiting_for_events(epoll, [=] {
    if (!explore::controls()) return real_epoll_wait(epoll, events, count, most);
    return wait_for_epoll(epoll, deadline_after_ms(most), pc)
               ? real_epoll_wait(epoll, events, count, 0)
               : -1;
  });
}
GOBENCH_INTERPOSED(int, epoll_pwait, int epoll, epoll_event* events, int count, int most,
                   const sigset_t* mask) {
  const address pc = GOBENCH_CALLER_PC();
  return waiting_for_events(epoll, [=] {
    if (!explore::controls()) return real_epoll_pwait(epoll, events, count, most, mask);
    return wait_for_epoll(epoll, deadline_after_ms(most), pc)
               ? real_epoll_pwait(epoll, events, count, 0, mask)
               : -1;
  });
}
GOBENCH_INTERPOSED(int, epoll_pwait2, int epoll, epoll_event* events, int count,
                   const timespec* most, const sigset_t* mask) {
  const address pc = GOBENCH_CALLER_PC();
  return waiting_for_events(epoll, [=] {
    if (!explore::controls()) return real_epoll_pwait2(epoll, events, count, most, mask);
    return wait_for_epoll(epoll, deadline_after(most), pc)
               ? real_epoll_pwait(epoll, events, count, 0, mask)
               : -1;
  });
}

}  // namespace gobench::detector::interpose
