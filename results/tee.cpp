#include <exception>
#include <utility>

#include "results/sink.hpp"

namespace gobench::results {

namespace {

class tee : public sink {
 public:
  explicit tee(std::vector<std::unique_ptr<sink>> to) : to_(std::move(to)) {}

  void begin(const context& about, const schema& columns) override {
    all([&](sink& one) { one.begin(about, columns); });
  }
  void add(const sample& measured) override {
    all([&](sink& one) { one.add(measured); });
  }
  void finish(const context& about) override {
    all([&](sink& one) { one.finish(about); });
  }

 private:
  template <class F>
  void all(F call) {
    std::exception_ptr first;
    for (const auto& one : to_) {
      try {
        call(*one);
      } catch (...) {
        if (!first) first = std::current_exception();
      }
    }
    if (first) std::rethrow_exception(first);
  }

  std::vector<std::unique_ptr<sink>> to_;
};

}  // namespace

std::unique_ptr<sink> make_tee(std::vector<std::unique_ptr<sink>> sinks) {
  return std::make_unique<tee>(std::move(sinks));
}

}  // namespace gobench::results
