// Only where SPLATSCOPE_PARQUET is defined: Arrow's side of io/parquet.
#ifdef SPLATSCOPE_PARQUET

#include "engine/io/parquet_file.h"

#include "engine/io/parquet.h"
#include "engine/io/text.h"

#include <arrow/io/memory.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <set>

namespace hsa {
namespace {

using arrow::Type;

constexpr std::int64_t kRowsAtOnce = 4096;

// Before any library looks at it: magic at both ends and a footer that lies between them.
void check_ends(const std::string& path, std::string_view bytes) {
    constexpr std::size_t kEnd = 8;  // the footer's length, the magic again
    if (bytes.starts_with("PARE"))
        fail("{}: the file is encrypted; write it without encryption", path);
    if (!bytes.starts_with(kParquetMagic))
        fail("{}: no Parquet file, which begins with '{}'", path, kParquetMagic);
    if (bytes.size() < kParquetMagic.size() + kEnd || !bytes.ends_with(kParquetMagic))
        fail(
            "{}: truncated: a Parquet file ends with '{}' behind its footer, and this one does "
            "not; copy it again",
            path, kParquetMagic);
    std::uint32_t footer = 0;
    std::memcpy(&footer, bytes.data() + bytes.size() - kEnd, sizeof footer);
    if (footer > bytes.size() - kParquetMagic.size() - kEnd)
        fail(
            "{}: its footer is said to have {} bytes, and the file has {}: it is truncated or "
            "damaged; copy it again",
            path, footer, bytes.size());
}

// A type of a library's extension is what it is stored as.
std::shared_ptr<arrow::DataType> stored(std::shared_ptr<arrow::DataType> type) {
    while (type->id() == Type::EXTENSION)
        type = static_cast<const arrow::ExtensionType&>(*type).storage_type();
    return type;
}
std::shared_ptr<arrow::Array> stored(std::shared_ptr<arrow::Array> array) {
    while (array->type_id() == Type::EXTENSION)
        array = static_cast<const arrow::ExtensionArray&>(*array).storage();
    return array;
}

void add_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
    if (field.is_leaf()) leaves.push_back(field.column_index);
    for (const parquet::arrow::SchemaField& child : field.children) add_leaves(child, leaves);
}

}  // namespace

arrow::Status ParquetBudget::Allocate(std::int64_t size, std::int64_t alignment,
                                      std::uint8_t** out) {
    if (!fits(size)) return arrow::Status::OutOfMemory("beyond the limit");
    return arrow::ProxyMemoryPool::Allocate(size, alignment, out);
}

arrow::Status ParquetBudget::Reallocate(std::int64_t old_size, std::int64_t new_size,
                                        std::int64_t alignment, std::uint8_t** bytes) {
    if (!fits(new_size - old_size)) return arrow::Status::OutOfMemory("beyond the limit");
    return arrow::ProxyMemoryPool::Reallocate(old_size, new_size, alignment, bytes);
}

void ParquetBudget::keep(std::uint64_t bytes) {
    kept_ += bytes;
    if (!fits(0)) fail_limit();
}

void ParquetBudget::fail_limit() const {
    fail(
        "{}: the file unpacks to more than 1,000 times its own size (256 MB are always allowed, 16 "
        "GB never exceeded); write it in several files if it is no mistake",
        path_);
}

bool ParquetBudget::fits(std::int64_t more) {
    const auto held = static_cast<std::uint64_t>(std::max<std::int64_t>(bytes_allocated(), 0)) +
                      static_cast<std::uint64_t>(std::max<std::int64_t>(more, 0));
    if (kept_ <= limit_ && held <= limit_ - kept_) return true;
    exceeded_ = true;
    return false;
}

std::string arrow_words(std::string_view message) {
    constexpr std::size_t kLongest = 160;
    std::string text(message.substr(0, std::min(message.find('\n'), kLongest)));
    for (char& letter : text)
        if (letter < ' ' || letter > '~') letter = '?';
    return text;
}

bool is_number_type(Type::type type) {
    switch (type) {
        case Type::FLOAT:
        case Type::DOUBLE:
        case Type::HALF_FLOAT:
        case Type::INT8:
        case Type::INT16:
        case Type::INT32:
        case Type::INT64:
        case Type::UINT8:
        case Type::UINT16:
        case Type::UINT32:
        case Type::UINT64:
        case Type::DECIMAL128: return true;
        default: return false;
    }
}

bool is_word_type(const arrow::DataType& type) {
    if (type.id() == Type::DICTIONARY)
        return is_word_type(*static_cast<const arrow::DictionaryType&>(type).value_type());
    return type.id() == Type::STRING || type.id() == Type::LARGE_STRING;
}

std::shared_ptr<arrow::DataType> item_type(const arrow::DataType& type) {
    switch (type.id()) {
        case Type::LIST:
        case Type::LARGE_LIST:
        case Type::FIXED_SIZE_LIST:
            return static_cast<const arrow::BaseListType&>(type).value_type();
        default: return nullptr;
    }
}

ParquetFile::ParquetFile(const std::string& path, std::string_view bytes, ParquetBudget& budget)
    : path_(path), budget_(budget) {
    check_ends(path, bytes);
    parquet::ReaderProperties properties(&budget);
    properties.set_page_checksum_verification(true);
    parquet::ArrowReaderProperties arrow_properties(false);  // no threads of its own
    arrow_properties.set_batch_size(kRowsAtOnce);
    arrow_properties.set_pre_buffer(false);
    reader_ = arrow_value(parquet::arrow::FileReader::Make(
        &budget,
        parquet::ParquetFileReader::Open(
            std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(bytes)),
            properties),
        arrow_properties));
    std::set<std::string> names;
    for (const parquet::arrow::SchemaField& field : reader_->manifest().schema_fields) {
        const std::string& name = field.field->name();
        if (first_invalid_utf8(name))
            fail("{}: the name of column {} (from 0) is not UTF-8; write it anew", path,
                 fields_.size());
        if (!names.insert(name).second)
            fail("{}: two columns are named '{}'; write it with a name each", path, name);
        types_.push_back(stored(field.field->type()));
        const arrow::DataType& type = *types_.back();
        const std::shared_ptr<arrow::DataType> item = item_type(type);
        fields_.push_back({name, is_word_type(type)                   ? FileField::Kind::text
                                 : item && is_number_type(item->id()) ? FileField::Kind::numbers
                                                                      : FileField::Kind::other});
    }
}

std::size_t ParquetFile::column(const std::string& name) const {
    for (std::size_t c = 0; c < fields_.size(); ++c)
        if (fields_[c].name == name) return c;
    fail("{}: there is no column '{}'; its columns are {}", path_, name, field_names(fields_));
}

void ParquetFile::check_claims(const std::vector<int>& leaves) const {
    const std::shared_ptr<parquet::FileMetaData> footer = reader_->parquet_reader()->metadata();
    std::uint64_t total = 0;
    for (int g = 0; g < footer->num_row_groups(); ++g) {
        const auto group = footer->RowGroup(g);
        for (const int leaf : leaves) {
            const auto chunk = group->ColumnChunk(leaf);
            const std::int64_t values = chunk->num_values();
            const std::int64_t unpacked = chunk->total_uncompressed_size();
            if (values < 0 || unpacked < 0)
                fail("{}: its footer counts {} values of {} bytes in a column; write it anew",
                     path_, values, unpacked);
            // What is repeated takes no room in the file, but in memory.
            const std::uint64_t held = std::max(static_cast<std::uint64_t>(unpacked),
                                                static_cast<std::uint64_t>(values) * sizeof(float));
            if (held > budget_.limit() - total) budget_.fail_limit();
            total += held;
        }
    }
}

void ParquetFile::read(const std::vector<std::size_t>& columns, const Take& take) {
    std::vector<int> leaves;
    for (const std::size_t c : columns) add_leaves(reader_->manifest().schema_fields[c], leaves);
    check_claims(leaves);
    std::vector<int> groups(static_cast<std::size_t>(std::max(0, reader_->num_row_groups())));
    std::iota(groups.begin(), groups.end(), 0);
    const auto batches = arrow_value(reader_->GetRecordBatchReader(groups, leaves));
    std::size_t row = 0;
    for (;;) {
        std::shared_ptr<arrow::RecordBatch> batch;
        need_ok(batches->ReadNext(&batch));
        if (!batch) return;
        need_ok(batch->Validate());
        if (static_cast<std::size_t>(batch->num_columns()) != columns.size())
            fail("{}: it has other columns than its footer says; write it anew", path_);
        for (std::size_t c = 0; c < columns.size(); ++c)
            take(columns[c], *stored(batch->column(static_cast<int>(c))), row);
        row += static_cast<std::size_t>(batch->num_rows());
    }
}

}  // namespace hsa

#endif
