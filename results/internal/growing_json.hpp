// A JSON object with a context and a list that grows: `{"context": ..., "LIST": [...]}`.
//
// In a file it is complete after every entry: the entry and the closing brackets take the place of the
// closing brackets in one step, and the context at the top is replaced at the end. A stream cannot be
// taken back, so there the list comes first, the context after it, and both are complete at the end.
#pragma once

#include <memory>
#include <string>

#include "results/internal/json.hpp"
#include "results/internal/output.hpp"

namespace gobench::results::internal {

class growing_json {
 public:
  growing_json(std::unique_ptr<output> out, std::string list);

  void begin(const json& context);
  void add(const json& entry);
  void finish(const json& context);

 private:
  std::string head(const json& context) const;

  std::unique_ptr<output> out_;
  std::string list_;
  bool whole_ = false;  // the output can be replaced
  std::size_t head_size_ = 0;
  bool empty_ = true;
};

}  // namespace gobench::results::internal
