// read, write and their kin: buffers are accessed, writes are before the reads that may get them.
#include <fcntl.h>
#include <mqueue.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/blocking.hpp"
#include "detector/interpose/descriptors.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

using namespace descriptors;

GOBENCH_REAL(read);
GOBENCH_REAL(pread);
GOBENCH_REAL(readv);
GOBENCH_REAL(preadv);
GOBENCH_REAL(write);
GOBENCH_REAL(pwrite);
GOBENCH_REAL(writev);
GOBENCH_REAL(pwritev);
GOBENCH_REAL_TYPE(preadv2, ssize_t(int, const iovec*, int, off_t, int));
GOBENCH_REAL_TYPE(pwritev2, ssize_t(int, const iovec*, int, off_t, int));
GOBENCH_REAL_TYPE(__read_chk, ssize_t(int, void*, std::size_t, std::size_t));
GOBENCH_REAL_TYPE(__pread_chk, ssize_t(int, void*, std::size_t, off_t, std::size_t));
GOBENCH_REAL(sendfile);
GOBENCH_REAL(splice);
GOBENCH_REAL(tee);
GOBENCH_REAL(copy_file_range);
GOBENCH_REAL(eventfd_read);
GOBENCH_REAL(eventfd_write);
GOBENCH_REAL(timerfd_settime);
GOBENCH_REAL(mq_send);
GOBENCH_REAL(mq_timedsend);
GOBENCH_REAL(mq_receive);
GOBENCH_REAL(mq_timedreceive);
GOBENCH_REAL(msgsnd);
GOBENCH_REAL(msgrcv);
GOBENCH_REAL(semop);
GOBENCH_REAL(semtimedop);

namespace {

// The call, which is a cancellation point; under exploration, when it does not block.
template <typename Call>
auto once_ready(int fd, short events, address pc, Call call) {
  return cancellation_point(
      [=]() -> decltype(call()) { return explore::await(fd, events, pc) ? call() : -1; });
}

// An end of file is seen as well: the close is before it.
template <typename Read>
ssize_t reading(int fd, void* buffer, address pc, Read real_read) {
  const ssize_t got = once_ready(fd, POLLIN, pc, real_read);
  if (got < 0) return got;
  was_read(fd);
  buffer_written(buffer, static_cast<std::size_t>(got), pc);
  return got;
}

template <typename Read>
ssize_t reading(int fd, const iovec* buffers, int count, address pc, Read real_read) {
  const ssize_t got = once_ready(fd, POLLIN, pc, real_read);
  if (got < 0) return got;
  was_read(fd);
  buffers_written(buffers, static_cast<std::size_t>(count), static_cast<std::size_t>(got), pc);
  return got;
}

template <typename Write>
ssize_t writing(int fd, const void* buffer, std::size_t size, address pc, Write real_write) {
  buffer_read(buffer, size, pc);
  written(fd);
  return once_ready(fd, POLLOUT, pc, real_write);
}

template <typename Write>
ssize_t writing(int fd, const iovec* buffers, int count, address pc, Write real_write) {
  if (count > 0) buffers_read(buffers, static_cast<std::size_t>(count), pc);
  written(fd);
  return once_ready(fd, POLLOUT, pc, real_write);
}

// What comes out of one is what others wrote, who are before the readers of the other. What was there already is
// passed on before the data is, what came meanwhile after it.
template <typename Move>
ssize_t moving(int from, int to, address pc, Move real_move) {
  was_read(from);
  written(to);
  const ssize_t moved = once_ready(from, POLLIN, pc, [=]() -> ssize_t {
    return explore::await(to, POLLOUT, pc) ? ssize_t{real_move()} : -1;
  });
  if (moved < 0) return moved;
  was_read(from);
  written(to);
  return moved;
}

}  // namespace

#define GOBENCH_PC GOBENCH_CALLER_PC()

namespace {

// Queues of System V cannot be polled: an operation that would block is tried again when another thread has done one.
template <typename Call>
auto until_it_does_not_block(bool never_blocks, int would_block, address pc, Call call) {
  if (!explore::controls()) return call(false);
  explore::step(explore::operation::descriptor, queues(), pc);
  for (;;) {
    const auto result = call(true);
    if (result >= 0 || never_blocks || errno != would_block) return result;
    explore::wait({.key = queues(),
                   .what = explore::operation::descriptor,
                   .then = explore::operation::descriptor,
                   .then_object = queues(),
                   .pc = pc});
  }
}

}  // namespace

GOBENCH_INTERPOSED(ssize_t, read, int fd, void* buffer, std::size_t size) {
  return reading(fd, buffer, GOBENCH_PC, [=] { return real_read(fd, buffer, size); });
}
GOBENCH_INTERPOSED(ssize_t, __read, int fd, void* buffer, std::size_t size) {
  return reading(fd, buffer, GOBENCH_PC, [=] { return real_read(fd, buffer, size); });
}
GOBENCH_INTERPOSED(ssize_t, __read_chk, int fd, void* buffer, std::size_t size, std::size_t room) {
  return reading(fd, buffer, GOBENCH_PC, [=] { return real___read_chk(fd, buffer, size, room); });
}
GOBENCH_INTERPOSED(ssize_t, pread, int fd, void* buffer, std::size_t size, off_t at) {
  return reading(fd, buffer, GOBENCH_PC, [=] { return real_pread(fd, buffer, size, at); });
}
GOBENCH_INTERPOSED(ssize_t, pread64, int fd, void* buffer, std::size_t size, off_t at) {
  return reading(fd, buffer, GOBENCH_PC, [=] { return real_pread(fd, buffer, size, at); });
}
GOBENCH_INTERPOSED(ssize_t, __pread_chk, int fd, void* buffer, std::size_t size, off_t at,
                   std::size_t room) {
  return reading(fd, buffer, GOBENCH_PC,
                 [=] { return real___pread_chk(fd, buffer, size, at, room); });
}
GOBENCH_INTERPOSED(ssize_t, readv, int fd, const iovec* buffers, int count) {
  return reading(fd, buffers, count, GOBENCH_PC, [=] { return real_readv(fd, buffers, count); });
}
GOBENCH_INTERPOSED(ssize_t, preadv, int fd, const iovec* buffers, int count, off_t at) {
  return reading(fd, buffers, count, GOBENCH_PC,
                 [=] { return real_preadv(fd, buffers, count, at); });
}
GOBENCH_INTERPOSED(ssize_t, preadv64, int fd, const iovec* buffers, int count, off_t at) {
  return reading(fd, buffers, count, GOBENCH_PC,
                 [=] { return real_preadv(fd, buffers, count, at); });
}
GOBENCH_INTERPOSED(ssize_t, preadv2, int fd, const iovec* buffers, int count, off_t at, int flags) {
  return reading(fd, buffers, count, GOBENCH_PC,
                 [=] { return real_preadv2(fd, buffers, count, at, flags); });
}

GOBENCH_INTERPOSED(ssize_t, write, int fd, const void* buffer, std::size_t size) {
  const address pc = GOBENCH_PC;
  if (!explore::controls())
    return writing(fd, buffer, size, pc, [=] { return real_write(fd, buffer, size); });
  buffer_read(buffer, size, pc);
  written(fd);
  return cancellation_point([=] { return explore::write_all(fd, buffer, size, pc); });
}
GOBENCH_INTERPOSED(ssize_t, __write, int fd, const void* buffer, std::size_t size) {
  const address pc = GOBENCH_PC;
  if (!explore::controls())
    return writing(fd, buffer, size, pc, [=] { return real_write(fd, buffer, size); });
  buffer_read(buffer, size, pc);
  written(fd);
  return cancellation_point([=] { return explore::write_all(fd, buffer, size, pc); });
}
GOBENCH_INTERPOSED(ssize_t, pwrite, int fd, const void* buffer, std::size_t size, off_t at) {
  return writing(fd, buffer, size, GOBENCH_PC, [=] { return real_pwrite(fd, buffer, size, at); });
}
GOBENCH_INTERPOSED(ssize_t, pwrite64, int fd, const void* buffer, std::size_t size, off_t at) {
  return writing(fd, buffer, size, GOBENCH_PC, [=] { return real_pwrite(fd, buffer, size, at); });
}
GOBENCH_INTERPOSED(ssize_t, writev, int fd, const iovec* buffers, int count) {
  return writing(fd, buffers, count, GOBENCH_PC, [=] { return real_writev(fd, buffers, count); });
}
GOBENCH_INTERPOSED(ssize_t, pwritev, int fd, const iovec* buffers, int count, off_t at) {
  return writing(fd, buffers, count, GOBENCH_PC,
                 [=] { return real_pwritev(fd, buffers, count, at); });
}
GOBENCH_INTERPOSED(ssize_t, pwritev64, int fd, const iovec* buffers, int count, off_t at) {
  return writing(fd, buffers, count, GOBENCH_PC,
                 [=] { return real_pwritev(fd, buffers, count, at); });
}
GOBENCH_INTERPOSED(ssize_t, pwritev2, int fd, const iovec* buffers, int count, off_t at,
                   int flags) {
  return writing(fd, buffers, count, GOBENCH_PC,
                 [=] { return real_pwritev2(fd, buffers, count, at, flags); });
}

GOBENCH_INTERPOSED(ssize_t, sendfile, int to, int from, off_t* at, std::size_t size) {
  return moving(from, to, GOBENCH_PC, [=] { return real_sendfile(to, from, at, size); });
}
GOBENCH_INTERPOSED(ssize_t, sendfile64, int to, int from, off_t* at, std::size_t size) {
  return moving(from, to, GOBENCH_PC, [=] { return real_sendfile(to, from, at, size); });
}
GOBENCH_INTERPOSED(ssize_t, splice, int from, off64_t* from_at, int to, off64_t* to_at,
                   std::size_t size, unsigned flags) {
  return moving(from, to, GOBENCH_PC,
                [=] { return real_splice(from, from_at, to, to_at, size, flags); });
}
GOBENCH_INTERPOSED(ssize_t, tee, int from, int to, std::size_t size, unsigned flags) {
  return moving(from, to, GOBENCH_PC, [=] { return real_tee(from, to, size, flags); });
}
GOBENCH_INTERPOSED(ssize_t, copy_file_range, int from, off64_t* from_at, int to, off64_t* to_at,
                   std::size_t size, unsigned flags) {
  return moving(from, to, GOBENCH_PC,
                [=] { return real_copy_file_range(from, from_at, to, to_at, size, flags); });
}

GOBENCH_INTERPOSED(int, eventfd_read, int fd, eventfd_t* value) {
  const int failed =
      once_ready(fd, POLLIN, GOBENCH_PC, [=] { return real_eventfd_read(fd, value); });
  if (failed == 0) was_read(fd);
  return failed;
}
GOBENCH_INTERPOSED(int, eventfd_write, int fd, eventfd_t value) {
  written(fd);
  return once_ready(fd, POLLOUT, GOBENCH_PC, [=] { return real_eventfd_write(fd, value); });
}
GOBENCH_INTERPOSED(int, timerfd_settime, int fd, int flags, const itimerspec* value,
                   itimerspec* old) {
  written(fd);
  return real_timerfd_settime(fd, flags, value, old);
}

GOBENCH_INTERPOSED(int, mq_send, mqd_t queue, const char* text, std::size_t size,
                   unsigned priority) {
  return static_cast<int>(writing(queue, text, size, GOBENCH_PC, [=] {
    return ssize_t{real_mq_send(queue, text, size, priority)};
  }));
}
GOBENCH_INTERPOSED(int, mq_timedsend, mqd_t queue, const char* text, std::size_t size,
                   unsigned priority, const timespec* until) {
  return static_cast<int>(writing(queue, text, size, GOBENCH_PC, [=] {
    return ssize_t{real_mq_timedsend(queue, text, size, priority, until)};
  }));
}
GOBENCH_INTERPOSED(ssize_t, mq_receive, mqd_t queue, char* text, std::size_t size,
                   unsigned* priority) {
  return reading(queue, text, GOBENCH_PC,
                 [=] { return real_mq_receive(queue, text, size, priority); });
}
GOBENCH_INTERPOSED(ssize_t, mq_timedreceive, mqd_t queue, char* text, std::size_t size,
                   unsigned* priority, const timespec* until) {
  return reading(queue, text, GOBENCH_PC,
                 [=] { return real_mq_timedreceive(queue, text, size, priority, until); });
}

// System V. A message begins with its type, a long.
GOBENCH_INTERPOSED(int, msgsnd, int queue, const void* message, std::size_t size, int flags) {
  buffer_read(message, size + sizeof(long), GOBENCH_PC);
  if (!is_internal()) release_merge(queues());
  const address pc = GOBENCH_PC;
  const int failed = cancellation_point([=] {
    return until_it_does_not_block((flags & IPC_NOWAIT) != 0, EAGAIN, pc, [=](bool now) {
      return real_msgsnd(queue, message, size, now ? flags | IPC_NOWAIT : flags);
    });
  });
  explore::wake_all(queues());
  return failed;
}
GOBENCH_INTERPOSED(ssize_t, msgrcv, int queue, void* message, std::size_t size, long type,
                   int flags) {
  const address pc = GOBENCH_PC;
  const ssize_t got = cancellation_point([=] {
    return until_it_does_not_block((flags & IPC_NOWAIT) != 0, ENOMSG, pc, [=](bool now) {
      return real_msgrcv(queue, message, size, type, now ? flags | IPC_NOWAIT : flags);
    });
  });
  explore::wake_all(queues());
  if (got < 0) return got;
  if (!is_internal()) acquire(queues());
  buffer_written(message, static_cast<std::size_t>(got) + sizeof(long), GOBENCH_PC);
  return got;
}
GOBENCH_INTERPOSED(int, semop, int set, sembuf* operations, std::size_t count) {
  if (!is_internal()) release_merge(queues());
  const int failed = real_semop(set, operations, count);
  if (failed == 0 && !is_internal()) acquire(queues());
  return failed;
}
GOBENCH_INTERPOSED(int, semtimedop, int set, sembuf* operations, std::size_t count,
                   const timespec* most) {
  if (!is_internal()) release_merge(queues());
  const int failed = real_semtimedop(set, operations, count, most);
  if (failed == 0 && !is_internal()) acquire(queues());
  return failed;
}

}  // namespace gobench::detector::interpose
