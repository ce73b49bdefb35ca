// Names that outlive a process, such as those of files, queues and segments, which are removed whatever happens to
// their user.
//
//   int queue = -1;
//   kept_name name([&] { return queue = ::msgget(IPC_PRIVATE, 0600); },   // in the guardian
//                  [&] { ::msgctl(queue, IPC_RMID, nullptr); });          // there too
//   use(name.made());
//
// Invariants
//  - A guardian, a process forked for this, makes the name and removes it. Its user never does, so there is no moment
//    at which the user could be killed between making a name and telling somebody of it.
//  - The guardian removes the name when release() says so, or when all who have the other end of its pipe are gone:
//    the user, and what the user has forked meanwhile. The kernel closes that end however they end.
//  - It has a session of its own and ignores what a terminal sends, so Ctrl-C or the death of the user's process group is
//    no death of its own; and it keeps nothing else of the user open. If the guardian itself is killed, the name stays.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace gobench::suites::ipc {

class kept_name {
 public:
  // make() returns a number for the user, such as an id, or -1 with errno set. Throws std::system_error when it does,
  // with `what`, or when there can be no guardian.
  kept_name(const char* what, const std::function<int()>& make,
            const std::function<void()>& remove);
  kept_name(const kept_name&) = delete;
  kept_name& operator=(const kept_name&) = delete;
  // Removes the name, unless that is done.
  ~kept_name();

  int made() const noexcept { return made_; }

  // Removes the name; it is gone on return. What is open or mapped under it stays usable.
  void release() noexcept;

 private:
  pid_t guardian_ = -1;
  int alive_ = -1;  // written by nobody: that it closes is the message
  int made_ = -1;
};

// What no other process uses at this time: "gobench-ipc-PID-N".
std::string unique_name();

// The same in the folder for temporary files ($TMPDIR, or /tmp).
std::string unique_path();

// A key for System V objects that begins like all of gobench's, 0x6762 ("gb"), and otherwise follows from the process and
// the number of calls. Who makes an object with it and IPC_EXCL tries the next one on EEXIST.
int next_key() noexcept;
inline constexpr int key_prefix = 0x6762;

}  // namespace gobench::suites::ipc
