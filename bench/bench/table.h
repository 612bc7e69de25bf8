#pragma once

#include <string>
#include <vector>

namespace hsa_bench {

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
