#include <cerrno>
#include <ostream>

#include "results/internal/descriptor.hpp"
#include "results/internal/output.hpp"

namespace gobench::results::internal {

namespace {

class stream_output : public output {
 public:
  explicit stream_output(std::ostream& out) : out_(out) {}

  void start(std::string_view text) override { extend(text, 0); }

  void extend(std::string_view text, std::size_t) override {
    errno = 0;
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    out_.flush();
    if (!out_) fail(errno != 0 ? errno : EIO, "the output stream");
  }

  void replace_head(std::string_view, std::size_t) override { fail(ESPIPE, "the output stream"); }
  void finish() override {}
  std::optional<std::filesystem::path> file() const override { return std::nullopt; }

 private:
  std::ostream& out_;
};

}  // namespace

std::unique_ptr<output> make_stream_output(std::ostream& out) {
  return std::make_unique<stream_output>(out);
}

}  // namespace gobench::results::internal
