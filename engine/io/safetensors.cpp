#include "engine/io/safetensors.h"

#include "engine/core/error.h"
#include "engine/core/small_floats.h"
#include "engine/io/cut_short.h"
#include "engine/io/file.h"
#include "engine/io/json.h"
#include "engine/io/npy_header.h"
#include "engine/io/rows_in_place.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // what the format itself allows

struct DtypeSize {
    const char* name;
    std::uint64_t bytes;
};
constexpr std::array<DtypeSize, 13> kDtypes = {{{"F64", 8},
                                                {"F32", 4},
                                                {"F16", 2},
                                                {"BF16", 2},
                                                {"I64", 8},
                                                {"I32", 4},
                                                {"I16", 2},
                                                {"I8", 1},
                                                {"U64", 8},
                                                {"U32", 4},
                                                {"U16", 2},
                                                {"U8", 1},
                                                {"BOOL", 1}}};

std::uint64_t bytes_of_dtype(const std::string& where, const std::string& dtype) {
    for (const DtypeSize& known : kDtypes)
        if (dtype == known.name) return known.bytes;
    fail("{}: its type '{}' is unknown; save it as F32, F16 or BF16.", where, dtype);
}

std::uint64_t whole_number(const std::string& where, const char* key, const nlohmann::json& value) {
    if (!value.is_number_unsigned())
        fail("{}: '{}' holds {} where whole numbers of at least 0 are expected.", where, key,
             value.dump());
    return value.get<std::uint64_t>();
}

// What the shape needs; none where that is beyond 64 bits.
std::optional<std::uint64_t> size_of(const std::vector<std::uint64_t>& shape, std::uint64_t item) {
    std::uint64_t bytes = item;
    for (const std::uint64_t extent : shape) {
        if (extent != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / extent)
            return std::nullopt;
        bytes *= extent;
    }
    return bytes;
}

TensorPlace read_place(const std::string& where, const nlohmann::json& value,
                       std::uint64_t data_begin, std::uint64_t data_bytes) {
    if (!value.is_object()) fail("{}: its description is no JSON object.", where);
    for (const char* key : {"dtype", "shape", "data_offsets"})
        if (!value.contains(key)) fail("{}: its description lacks '{}'.", where, key);
    if (!value["dtype"].is_string()) fail("{}: 'dtype' is no string.", where);
    if (!value["shape"].is_array() || !value["data_offsets"].is_array() ||
        value["data_offsets"].size() != 2)
        fail("{}: 'shape' must be a list and 'data_offsets' a list of two.", where);
    TensorPlace place;
    place.dtype = value["dtype"].get<std::string>();
    for (const nlohmann::json& extent : value["shape"])
        place.shape.push_back(whole_number(where, "shape", extent));
    const std::uint64_t begin = whole_number(where, "data_offsets", value["data_offsets"][0]);
    const std::uint64_t end = whole_number(where, "data_offsets", value["data_offsets"][1]);
    if (begin > end || end > data_bytes)
        fail(
            "{}: its bytes {} to {} lie outside the {} bytes of the file's tensors; the file is "
            "truncated or its header is wrong.",
            where, begin, end, data_bytes);
    const std::optional<std::uint64_t> needed =
        size_of(place.shape, bytes_of_dtype(where, place.dtype));
    if (!needed || *needed != end - begin)
        fail("{}: a shape of {} {} does not have the {} bytes that its offsets name.", where,
             shape_text(place.shape), place.dtype, end - begin);
    place.begin = data_begin + begin;
    place.end = data_begin + end;
    return place;
}

void check_apart(const std::string& name, const std::map<std::string, TensorPlace>& tensors) {
    std::vector<std::pair<const TensorPlace*, const std::string*>> order;
    for (const auto& [tensor, place] : tensors)
        if (place.begin < place.end) order.emplace_back(&place, &tensor);
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return a.first->begin < b.first->begin; });
    for (std::size_t t = 1; t < order.size(); ++t)
        if (order[t].first->begin < order[t - 1].first->end)
            fail("{}: the bytes of the tensors '{}' and '{}' overlap; the header is wrong.", name,
                 *order[t - 1].second, *order[t].second);
}

// One number of a type that holds fractions.
template <class Stored, class Read>
void widen(std::string_view bytes, Matrix<float>& out, Read read) {
    for (std::size_t e = 0; e < out.size(); ++e) {
        Stored stored{};
        std::memcpy(&stored, bytes.data() + e * sizeof(Stored), sizeof(Stored));
        out.data()[e] = read(stored);
    }
}

}  // namespace

bool looks_like_safetensors(std::string_view beginning, std::uint64_t file_bytes) {
    if (beginning.size() <= kLengthBytes || beginning[kLengthBytes] != '{') return false;
    std::uint64_t header = 0;
    std::memcpy(&header, beginning.data(), kLengthBytes);
    return header <= kLongestHeader && header <= file_bytes - kLengthBytes;
}

Safetensors::Safetensors(std::string name, FileBytes file)
    : name_(std::move(name)), file_(std::move(file)) {
    const std::string_view bytes = file_.view();
    if (bytes.size() < kLengthBytes)
        fail(
            "{}: it has {} bytes; a .safetensors file begins with the 8 bytes of its header's "
            "length.",
            name_, bytes.size());
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kLengthBytes);
    if (length > kLongestHeader || length > bytes.size() - kLengthBytes)
        fail(
            "{}: its header is said to have {} bytes, and the file has {} after the length: it is "
            "truncated or no .safetensors file.",
            name_, length, bytes.size() - kLengthBytes);
    const std::string_view text = bytes.substr(kLengthBytes, static_cast<std::size_t>(length));
    const nlohmann::json header = parse_json(name_ + ": header", text);
    if (!header.is_object()) fail("{}: its header is no JSON object.", name_);
    const std::uint64_t data_begin = kLengthBytes + length;
    for (const auto& [tensor, value] : header.items())
        if (tensor != "__metadata__")
            tensors_.emplace(tensor, read_place(fmt::format("{}: tensor '{}'", name_, tensor),
                                                value, data_begin, bytes.size() - data_begin));
    check_apart(name_, tensors_);
}

Safetensors Safetensors::open(const std::string& path) {
    if (auto mapped = MappedFile::open(path)) return {path, FileBytes(mapped)};
    return {path, FileBytes(read_file(path))};
}

const TensorPlace& Safetensors::at(const std::string& tensor) const {
    const auto found = tensors_.find(tensor);
    if (found != tensors_.end()) return found->second;
    std::string some;
    for (const auto& [other, place] : tensors_) {
        if (some.size() > 120) {
            some += ", ...";
            break;
        }
        some += (some.empty() ? "" : ", ") + other;
    }
    fail("{}: there is no tensor '{}': it holds {}.", name_, tensor, some.empty() ? "none" : some);
}

Matrix<float> Safetensors::matrix(const std::string& tensor) const {
    const TensorPlace& place = at(tensor);
    const std::string where = fmt::format("{}: tensor '{}'", name_, tensor);
    if (place.shape.empty() || place.shape.size() > 2)
        fail("{} has the shape {}; one or two dimensions are expected.", where,
             shape_text(place.shape));
    const auto columns = static_cast<std::size_t>(place.shape.back());
    const std::size_t rows =
        place.shape.size() == 2 ? static_cast<std::size_t>(place.shape.front()) : 1;
    Matrix<float> out = Matrix<float>::unwritten(rows, columns);
    const std::string_view bytes = file_.view().substr(
        static_cast<std::size_t>(place.begin), static_cast<std::size_t>(place.end - place.begin));
    if (place.dtype == "F32") widen<float>(bytes, out, [](float x) { return x; });
    else if (place.dtype == "F64")
        widen<double>(bytes, out, [](double x) { return static_cast<float>(x); });
    else if (place.dtype == "F16") widen<std::uint16_t>(bytes, out, from_half);
    else if (place.dtype == "BF16") widen<std::uint16_t>(bytes, out, from_bfloat16);
    else fail("{} is of type {}; F32, F16, BF16 or F64 is expected.", where, place.dtype);
    for (std::size_t e = 0; e < out.size(); ++e)
        if (!std::isfinite(out.data()[e]))
            fail_number(where, e / columns, e % columns, static_cast<double>(out.data()[e]));
    if (const std::string cut = cut_short(file_.owner()); !cut.empty()) fail("{}", cut);
    return out;
}

Matrix<float> Safetensors::matrix(const std::string& tensor, std::size_t rows,
                                  std::size_t columns) const {
    const TensorPlace& place = at(tensor);
    const bool line = rows == 1 && place.shape.size() == 1 && place.shape[0] == columns;
    const bool table =
        place.shape.size() == 2 && place.shape[0] == rows && place.shape[1] == columns;
    if (!line && !table)
        fail("{}: tensor '{}' has the shape {}; {} is expected.", name_, tensor,
             shape_text(place.shape),
             rows == 1 ? shape_text({columns}) : shape_text({rows, columns}));
    return matrix(tensor);
}

MatrixView<const float> Safetensors::view(const std::string& tensor) const {
    const TensorPlace& place = at(tensor);
    const char* from = file_.view().data() + place.begin;
    if (place.dtype != "F32" || place.shape.size() != 2 || place.begin == place.end ||
        reinterpret_cast<std::uintptr_t>(from) % alignof(float) != 0)
        return {};
    return {reinterpret_cast<const float*>(from), static_cast<std::size_t>(place.shape[0]),
            static_cast<std::size_t>(place.shape[1])};
}

}  // namespace hsa
