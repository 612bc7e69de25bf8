#pragma once

#include <string>
#include <vector>

namespace hsa_bench {

// A number in three digits or so; nothing where there is none.
[[nodiscard]] std::string shown(double value);
// The upper of the two where there is no middle one; values not empty.
[[nodiscard]] double median(std::vector<double> values);

// A table in Markdown, its columns aligned.
class Table {
  public:
    explicit Table(std::vector<std::string> header);
    void row(std::vector<std::string> cells);
    void print() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace hsa_bench
