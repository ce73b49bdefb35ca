// What every reader hands its samples to: looks at each, and passes it on.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "results/internal/text_source.hpp"
#include "results/reader.hpp"

namespace gobench::results::internal {

class intake {
 public:
  intake(text_source& from, const sample_taker& take, const read_options& how)
      : from_(from), take_(take), how_(how) {}
  intake(const intake&) = delete;
  intake& operator=(const intake&) = delete;

  // Of the fields that a sample has, in the order in which they appeared.
  file_content content;

  // A column that the file has, whether or not a sample has something in it.
  void declare_parameter(const std::string& name);
  void declare_metric(const std::string& name);

  // A time or a rate that was read: finite and not negative, else the reading fails.
  void require_measure(std::string_view name, double number) const;

  // Refuses a repetition that its case has already, and more than the limits allow.
  void add(sample&& one);
  // The same with the next repetition of its case, for formats that do not count them.
  void add_next(sample&& one);

  // Something was left out. Each sentence once.
  void remark(const std::string& sentence);

  [[noreturn]] void fail(const std::string& sentence) const { from_.fail(sentence); }
  const read_options& how() const { return how_; }

 private:
  struct repetitions {
    std::vector<bool> near;  // those up to about as many as there are samples
    std::set<int> far;
    int next = 0;
  };

  repetitions& of(const sample& one);
  bool seen_before(repetitions& in, int rep) const;
  void pass_on(sample&& one);
  static void note(std::vector<std::string>& names, std::set<std::string, std::less<>>& known,
                   const fields& used);

  text_source& from_;
  const sample_taker& take_;
  const read_options& how_;
  std::unordered_map<std::string, repetitions> cases_;
  std::size_t bytes_of_names_ = 0;
  std::set<std::string, std::less<>> parameters_;
  std::set<std::string, std::less<>> metrics_;
};

}  // namespace gobench::results::internal
