// A pool of threads as one writes it with the standard library: one queue under one lock.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gobench::suites {

class thread_pool {
 public:
  // Throws std::system_error where the system refuses a thread.
  explicit thread_pool(int threads) {
    try {
      for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
    } catch (...) {
      end();
      throw;
    }
  }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;
  ~thread_pool() { end(); }

  // The job must not throw.
  void submit(std::function<void()> job) {
    {
      const std::scoped_lock held(lock_);
      jobs_.push_back(std::move(job));
      ++unfinished_;
    }
    work_.notify_one();
  }
  // Until all jobs have been done.
  void wait() {
    std::unique_lock held(lock_);
    idle_.wait(held, [this] { return unfinished_ == 0; });
  }

 private:
  void serve() {
    std::unique_lock held(lock_);
    for (;;) {
      work_.wait(held, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      held.unlock();
      job();
      held.lock();
      if (--unfinished_ == 0) idle_.notify_all();
    }
  }
  void end() {
    {
      const std::scoped_lock held(lock_);
      ending_ = true;
    }
    work_.notify_all();
    for (std::thread& one : threads_) one.join();
  }

  std::mutex lock_;
  std::condition_variable work_;
  std::condition_variable idle_;
  std::deque<std::function<void()>> jobs_;
  std::size_t unfinished_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gobench::suites
