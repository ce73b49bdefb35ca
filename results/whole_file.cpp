#include "results/whole_file.hpp"

#include "results/internal/output.hpp"

namespace gobench::results {

struct whole_file::parts {
  std::unique_ptr<internal::output> out;
};

whole_file::whole_file(const std::filesystem::path& file)
    : parts_(std::make_unique<parts>(parts{internal::make_file_output(file)})) {}
whole_file::whole_file(whole_file&&) noexcept = default;
whole_file& whole_file::operator=(whole_file&&) noexcept = default;
whole_file::~whole_file() = default;

bool whole_file::replaceable() const { return parts_->out->file().has_value(); }

void whole_file::replace(std::string_view text) { parts_->out->start(text); }

}  // namespace gobench::results
