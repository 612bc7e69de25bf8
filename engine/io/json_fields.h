#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// Reads the keys of one JSON object with messages that name the file, the place and the key.
class JsonFields {
  public:
    // `place` is what the object describes: "splat 7", "level 0", or nothing for the whole file.
    // Throws Error when `object` is none. Both must live as long as this.
    JsonFields(const std::string& path, std::string place, const nlohmann::json& object);

    [[nodiscard]] bool has(const char* key) const { return object_.contains(key); }
    // Throws Error naming `key` when it is missing.
    [[nodiscard]] const nlohmann::json& at(const char* key) const;
    [[nodiscard]] JsonFields object(const char* key) const;
    [[nodiscard]] const nlohmann::json& array(const char* key) const;

    // Each throws Error when the key is missing or its value is of another kind or not finite.
    [[nodiscard]] std::string text(const char* key) const;
    [[nodiscard]] double number(const char* key) const;
    [[nodiscard]] std::int64_t integer(const char* key, std::int64_t low, std::int64_t high) const;
    [[nodiscard]] bool truth(const char* key) const;
    [[nodiscard]] std::vector<double> numbers(const char* key, std::size_t count) const;
    // Also when a number lies beyond float32.
    [[nodiscard]] float small_number(const char* key) const;
    [[nodiscard]] std::vector<float> small_numbers(const char* key, std::size_t count) const;
    // Rows of `columns` numbers each, or of as many as the first row has, at least one.
    [[nodiscard]] std::vector<std::vector<float>> small_rows(
        const char* key, std::size_t rows, std::optional<std::size_t> columns) const;
    // Nothing when the key is missing or null.
    [[nodiscard]] std::optional<double> optional_number(const char* key) const;

    // "file: splat 7".
    [[nodiscard]] std::string where() const;
    [[nodiscard]] const nlohmann::json& value() const { return object_; }

  private:
    [[noreturn]] void fail_kind(const char* key, const nlohmann::json& value,
                                std::string_view expected) const;

    const std::string& path_;
    std::string place_;
    const nlohmann::json& object_;
};

// A JSON value shortened for a message.
[[nodiscard]] std::string shown(const nlohmann::json& value);

}  // namespace hsa
