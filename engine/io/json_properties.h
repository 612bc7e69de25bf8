#pragma once

#include "engine/model/dataset.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// Columns made of the fields of records: numbers where every record has a number or nothing, else
// words. Fields with lists or objects are no columns, nor is any beyond the first
// kMostProperties.
class JsonProperties {
  public:
    // The next record's fields but for `without`; `text` is the record as it is written.
    void add(const nlohmann::json& record, std::string_view text,
             const std::vector<std::string>& without);
    // In the order of the file; the rest of the names into `ignored`.
    [[nodiscard]] std::vector<MetadataColumn> take(std::vector<std::string>& ignored);

  private:
    struct Column {
        MetadataColumn property;
        bool is_words = false;
        bool usable = true;
    };
    [[nodiscard]] bool is_known(const std::string& name) const;
    void meet(const std::string& name);
    void put(Column& column, const nlohmann::json& value);
    void pad(Column& column) const;

    std::vector<Column> columns_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
    std::set<std::string, std::less<>> beyond_;
    std::size_t rows_ = 0;
};

}  // namespace hsa
