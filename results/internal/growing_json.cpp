#include "results/internal/growing_json.hpp"

#include <string_view>
#include <utility>

namespace gobench::results::internal {

namespace {

constexpr std::string_view closing = "\n]}\n";

}  // namespace

growing_json::growing_json(std::unique_ptr<output> out, std::string list)
    : out_(std::move(out)), list_(std::move(list)), whole_(out_->file().has_value()) {}

std::string growing_json::head(const json& context) const {
  return "{\"context\": " + dump(context, 2) + ",\n\"" + list_ + "\": [";
}

void growing_json::begin(const json& context) {
  empty_ = true;
  if (whole_) {
    const std::string text = head(context);
    out_->start(text + std::string(closing));
    head_size_ = text.size();
  } else {
    out_->start("{\"" + list_ + "\": [");
  }
}

void growing_json::add(const json& entry) {
  std::string text = (empty_ ? "\n" : ",\n") + dump(entry);
  if (whole_) {
    out_->extend(text + std::string(closing), closing.size());
  } else {
    out_->extend(text);
  }
  empty_ = false;
}

void growing_json::finish(const json& context) {
  if (whole_) {
    const std::string text = head(context);
    out_->replace_head(text, head_size_);
    head_size_ = text.size();
  } else {
    out_->extend("\n],\n\"context\": " + dump(context, 2) + "}\n");
  }
  out_->finish();
}

}  // namespace gobench::results::internal
