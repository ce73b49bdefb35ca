// Product of two matrices, a row per turn; what is read is read by all threads.
#include <cstddef>
#include <cstdio>

#include "workload.hpp"

int main(int count, char** arguments) {
  const int threads = cost::number(count, arguments, 2);
  constexpr std::size_t n = 512;
  std::vector<double> a(n * n, 1), b(n * n, 2), product(n * n);
  cost::in_threads(threads, [&](int t) {
    for (auto i = static_cast<std::size_t>(t); i < n; i += static_cast<std::size_t>(threads))
      for (std::size_t k = 0; k < n; ++k) {
        const double factor = a[i * n + k];
        for (std::size_t j = 0; j < n; ++j) product[i * n + j] += factor * b[k * n + j];
      }
  });
  std::printf("%f\n", product[5]);
}
