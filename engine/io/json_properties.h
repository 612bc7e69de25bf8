#pragma once

#include "engine/model/dataset.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace hsa {

// Columns made of the fields of records: numbers where every record has a number or nothing, else
// words. Fields with lists or objects are no columns, nor is any beyond the first kMost.
class JsonProperties {
  public:
    static constexpr std::size_t kMost = 256;

    // The next record's fields but for `without`.
    void add(const nlohmann::json& record, const std::vector<std::string>& without);
    // In the order in which they were met; the rest of the names into `ignored`.
    [[nodiscard]] std::vector<MetadataColumn> take(std::vector<std::string>& ignored);

  private:
    struct Column {
        MetadataColumn property;
        bool is_words = false;
        bool usable = true;
    };
    void put(Column& column, const nlohmann::json& value);
    void pad(Column& column) const;

    std::vector<Column> columns_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
    std::vector<std::string> beyond_;
    std::size_t rows_ = 0;
};

}  // namespace hsa
