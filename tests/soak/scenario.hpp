// One random scenario: a few channels, many who send, receive and select on them in every way there is, some of
// them OS threads, and closes that come when all is sent or in the middle of it.
//
// What has to hold, whatever happens
//  - Every send that said it was done is received exactly once, and no other is.
//  - The numbers of one sender on one channel arrive in their order at whoever receives them.
//  - Nobody is left in a queue.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <gobench.hpp>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace soak {

// A broken promise of the library.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Parcel>
class scenario {
 public:
  explicit scenario(std::uint64_t seed) : random_(seed) {
    const std::size_t channels = 1 + random_() % 4;
    for (std::size_t i = 0; i < channels; ++i) {
      constexpr std::size_t capacities[] = {0, 0, 1, 2, 7, 64};
      const std::size_t kind = random_() % 7;
      channels_.push_back(kind == 6 ? gobench::make_unbounded_chan<Parcel>()
                                    : gobench::make_chan<Parcel>(capacities[kind]));
    }
    senders_ = 1 + random_() % 6;
    extra_receivers_ = random_() % 4;
    sends_ = 20 + random_() % 200;
    in_the_middle_ = random_() % 3 == 0;
    sent_ = std::vector<std::atomic<int>>(senders_ * sends_);
    received_ = std::vector<std::atomic<int>>(senders_ * sends_);
  }

  // The main task of a run.
  void play() {
    sending_.store(senders_);
    // At least one receiver stays with each channel, so that no sender is left alone.
    for (std::size_t i = 0; i < channels_.size(); ++i) start([this, i](auto& r) { drain(r, i); });
    for (std::size_t i = 0; i < extra_receivers_; ++i) start([this](auto& r) { roam(r); });
    for (std::size_t i = 0; i < senders_; ++i) start([this, i](auto& r) { send_all(r, i); });
    if (in_the_middle_) {
      const std::size_t until = random_() % (senders_ * sends_ / 2 + 1);
      while (done_ < until && sending_ != 0) gobench::yield();
    } else {
      while (sending_ != 0) gobench::sleep_for(std::chrono::microseconds(50));
    }
    for (const auto& ch : channels_) ch.close();
    for (gobench::task& t : tasks_) t.join();
    for (std::thread& t : threads_) gobench::blocking([&] { t.join(); });
    check();
  }

 private:
  using random_source = std::mt19937_64;

  template <class F>
  void start(F body) {
    auto work = [this, body, r = random_source(random_())]() mutable {
      try {
        body(r);
      } catch (const failure& f) {
        if (!failed_.exchange(true)) message_ = f.what();
      }
    };
    if (random_() % 5 == 0) {
      threads_.emplace_back(work);
    } else {
      tasks_.push_back(gobench::go(work));
    }
  }

  static std::chrono::microseconds soon(random_source& r) {
    return std::chrono::microseconds(r() % 100);
  }

  void send_all(random_source& r, std::size_t me) {
    for (std::size_t n = 0; n < sends_; ++n) {
      const std::size_t number = me * sends_ + n;
      try {
        if (send_one(r, number)) {
          ++sent_[number];
          ++done_;
        }
      } catch (const gobench::channel_error& e) {
        if (e.kind() != gobench::channel_error::send_on_closed || !in_the_middle_) {
          --sending_;
          throw failure("a send threw although the channel was open");
        }
        break;
      }
      if (r() % 8 == 0) gobench::yield();
    }
    --sending_;
  }

  bool send_one(random_source& r, std::size_t number) {
    const auto& ch = channels_[r() % channels_.size()];
    const auto& other = channels_[r() % channels_.size()];
    switch (r() % 6) {
      case 0:
        return ch.try_send(Parcel(number));
      case 1:
        return ch.send_for(Parcel(number), soon(r));
      case 2:
        return gobench::select(on_send(ch, Parcel(number)), gobench::otherwise()) == 0;
      case 3:
        return gobench::select(gobench::after(soon(r)), on_send(ch, Parcel(number)),
                               on_send(other, Parcel(number))) != 0;
      case 4: {
        // Also receives, from the other side of its own channel as well.
        const int taken =
            gobench::select(on_send(ch, Parcel(number)), take_from(other), take_from(ch));
        return taken == 0;
      }
      default:
        ch.send(Parcel(number));
        return true;
    }
  }

  auto take_from(const gobench::chan<Parcel>& ch) {
    return on_recv(ch, [this](std::optional<Parcel> p) {
      if (p) count(*p);
    });
  }

  void count(const Parcel& p) {
    const std::uint64_t number = p.number();
    if (number >= received_.size()) throw failure("a value came out that nobody has sent");
    if (++received_[number] != 1)
      throw failure("value " + std::to_string(number) + " was received twice");
  }

  // Stays with one channel until it is closed and drained, and sees each sender's numbers in their order.
  void drain(random_source& r, std::size_t which) {
    const auto& ch = channels_[which];
    std::vector<std::optional<std::uint64_t>> last(senders_);
    const auto see = [&](const Parcel& p) {
      count(p);
      const std::uint64_t number = p.number();
      auto& before = last[number / sends_];
      if (before && *before >= number)
        throw failure("value " + std::to_string(number) + " overtook " + std::to_string(*before));
      before = number;
    };
    for (bool open = true; open;) {
      switch (r() % 5) {
        case 0: {
          Parcel p(0);
          const gobench::recv_status status = ch.recv_for(p, soon(r));
          if (status == gobench::recv_status::ok) see(p);
          open = status != gobench::recv_status::closed;
          break;
        }
        case 1:
          if (const auto p = ch.try_recv()) see(*p);
          break;
        case 2:
          gobench::select(gobench::after(soon(r)), on_recv(ch, [&](std::optional<Parcel> p) {
                            if (p) see(*p);
                            open = p.has_value();
                          }));
          break;
        default:
          if (const auto p = ch.recv()) {
            see(*p);
          } else {
            open = false;
          }
      }
      if (r() % 16 == 0) gobench::yield();
    }
    // A value that was sent before the close is seen before the close is.
    if (ch.len() != 0) throw failure("closed was seen before the last value");
  }

  // Takes from all of them, until all are closed and drained.
  void roam(random_source& r) {
    std::vector<bool> open(channels_.size(), true);
    for (std::size_t left = channels_.size(); left != 0;) {
      std::vector<gobench::select_case> cases;
      for (std::size_t i = 0; i < channels_.size(); ++i) {
        cases.emplace_back(on_recv(open[i] ? channels_[i] : gobench::chan<Parcel>(),
                                   [this, i, &open, &left](std::optional<Parcel> p) {
                                     if (p) return count(*p);
                                     open[i] = false;
                                     --left;
                                   }));
      }
      if (r() % 3 == 0) cases.emplace_back(gobench::after(soon(r)));
      gobench::select(cases);
    }
  }

  void check() {
    if (failed_) throw failure(message_);
    for (std::size_t n = 0; n < sent_.size(); ++n) {
      if (sent_[n] != received_[n])
        throw failure("value " + std::to_string(n) + " was sent " + std::to_string(sent_[n]) +
                      " times and received " + std::to_string(received_[n]) + " times");
    }
    for (const auto& ch : channels_) {
      auto* core = core_of(ch);
      core->lock();
      const bool idle = core->senders().empty() && core->receivers().empty();
      core->unlock();
      if (!idle) throw failure("somebody stands in the queue of a channel that nobody uses");
    }
  }

  random_source random_;
  std::vector<gobench::chan<Parcel>> channels_;
  std::size_t senders_ = 0;
  std::size_t extra_receivers_ = 0;
  std::size_t sends_ = 0;
  bool in_the_middle_ = false;
  std::vector<std::atomic<int>> sent_;
  std::vector<std::atomic<int>> received_;
  std::atomic<std::size_t> sending_{0};
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> failed_{false};
  std::string message_;  // written once, by whoever sets failed_
  std::vector<gobench::task> tasks_;
  std::vector<std::thread> threads_;
};

}  // namespace soak
