#pragma once

// Only where SPLATSCOPE_PARQUET is defined: Arrow's side of io/parquet.
#include "engine/core/error.h"
#include "engine/io/field_choice.h"

#include <arrow/api.h>
#include <parquet/arrow/reader.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hsa {

// Whatever of a file is in memory at once, in Arrow's hands or ours, up to a limit. `path` must
// live as long.
class ParquetBudget final : public arrow::ProxyMemoryPool {
  public:
    ParquetBudget(const std::string& path, std::uint64_t limit)
        : arrow::ProxyMemoryPool(arrow::system_memory_pool()), path_(path), limit_(limit) {}

    arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override;
    arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment,
                             std::uint8_t** bytes) override;
    // Ours, until the end. Throws Error beyond the limit.
    void keep(std::uint64_t bytes);
    [[nodiscard]] std::uint64_t limit() const { return limit_; }
    [[nodiscard]] bool exceeded() const { return exceeded_; }
    [[noreturn]] void fail_limit() const;

  private:
    bool fits(std::int64_t more);

    const std::string& path_;
    std::uint64_t limit_ = 0;
    std::uint64_t kept_ = 0;
    bool exceeded_ = false;
};

// What a library says as a part of our sentence: its first line, nothing but letters.
[[nodiscard]] std::string arrow_words(std::string_view message);

// Runs `read`; whatever Arrow throws in it becomes an Error.
template <class Read>
auto arrow_guarded(const std::string& path, const ParquetBudget& budget, Read read) {
    try {
        return read();
    } catch (const Error&) {
        throw;
    } catch (const std::bad_alloc&) {
        fail("{}: too large for the memory of this machine; open a smaller file", path);
    } catch (const std::exception& error) {
        if (budget.exceeded()) budget.fail_limit();
        fail("{}: cannot be read as Parquet ({}); copy the file again or write it anew", path,
             arrow_words(error.what()));
    }
}

// Both throw what arrow_guarded() catches.
inline void need_ok(const arrow::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.message());
}
template <class T>
T arrow_value(arrow::Result<T> result) {
    need_ok(result.status());
    return std::move(result).MoveValueUnsafe();
}

[[nodiscard]] bool is_number_type(arrow::Type::type type);
[[nodiscard]] bool is_word_type(const arrow::DataType& type);
// The type of a list's items; null where it is no list.
[[nodiscard]] std::shared_ptr<arrow::DataType> item_type(const arrow::DataType& type);

// The columns of a file, which are read a few thousand rows at a time. Inside arrow_guarded() only.
class ParquetFile {
  public:
    // Throws Error also for bytes that neither begin nor end as such a file, an encrypted one, and
    // a column whose name is not UTF-8. All three must live as long as this.
    ParquetFile(const std::string& path, std::string_view bytes, ParquetBudget& budget);

    [[nodiscard]] const std::vector<FileField>& fields() const { return fields_; }
    [[nodiscard]] const arrow::DataType& type(std::size_t column) const { return *types_[column]; }
    // Throws Error where there is none of this name.
    [[nodiscard]] std::size_t column(const std::string& name) const;

    // The arrays of one of the chosen columns, one after another, each with the number of its first
    // row; those of the same rows of all columns follow each other.
    using Take =
        std::function<void(std::size_t column, const arrow::Array& array, std::size_t row)>;
    // `columns` rise. Throws Error before anything is unpacked when the footer says that it takes
    // more than the budget.
    void read(const std::vector<std::size_t>& columns, const Take& take);

  private:
    void check_claims(const std::vector<int>& leaves) const;

    const std::string& path_;
    ParquetBudget& budget_;
    std::unique_ptr<parquet::arrow::FileReader> reader_;
    std::vector<FileField> fields_;
    std::vector<std::shared_ptr<arrow::DataType>> types_;
};

}  // namespace hsa
