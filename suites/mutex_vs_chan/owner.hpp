// The channel way without a lock: one task owns the data, the others send it what they want done.
//
// A write is sent and needs no answer; a read carries the channel on which its task waits for the
// value. The interval ends when the owner has done the last request.
#pragma once

#include <cstdint>
#include <gobench.hpp>
#include <vector>

#include "suites/busy.hpp"
#include "suites/mutex_vs_chan/workloads.hpp"
#include "suites/registry.hpp"
#include "suites/team.hpp"

namespace gobench::suites::mutex_vs_chan {

template <class Workload>
measurement run_owned(const point& where, std::uint64_t iterations) {
  using user = typename Workload::user;
  struct request {
    wish wanted;
    const chan<std::uint64_t>* reply = nullptr;  // where the value goes; null for a write
  };
  Workload owned(where);
  const busy_work hold(where.number("hold_ns"));
  const auto requests = make_chan<request>(static_cast<std::size_t>(where.number("capacity")));
  std::vector<user> users;
  std::vector<chan<std::uint64_t>> replies;
  for (int task = 0; task < where.tasks; ++task) {
    users.emplace_back(where, task);
    // Room for the one answer that a task can wait for: the owner never waits for its client.
    replies.push_back(make_chan<std::uint64_t>(Workload::reads ? 1 : 0));
  }

  const service owner{
      .serve =
          [&] {
            while (const auto next = requests.recv()) {
              if (next->reply == nullptr) {
                owned.write(next->wanted);
                hold();
              } else {
                const std::uint64_t found = owned.read(next->wanted);
                hold();
                next->reply->send(found);
              }
            }
          },
      .no_more = [&] { requests.close(); },
  };
  auto taken = measure_team(
      where, iterations,
      [&](int task, std::uint64_t count) {
        user& mine = users[static_cast<std::size_t>(task)];
        const chan<std::uint64_t>& reply = replies[static_cast<std::size_t>(task)];
        for (std::uint64_t i = 0; i < count; ++i) {
          const wish wanted = mine.next();
          if (Workload::reads && wanted.read) {
            requests.send({wanted, &reply});
            mine.saw(reply.recv().value_or(not_found));
          } else {
            requests.send({wanted, nullptr});
          }
        }
      },
      owner);
  taken.result = owned.proved(users, where, taken.operations);
  return taken;
}

}  // namespace gobench::suites::mutex_vs_chan
