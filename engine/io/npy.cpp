#include "engine/io/npy.h"

#include "engine/core/error.h"
#include "engine/core/small_floats.h"
#include "engine/io/npy_header.h"
#include "engine/io/rows_in_place.h"
#include "engine/io/text.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace hsa {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

constexpr std::string_view kAdvice =
    "save it again with numpy.save('x.npy', numpy.asarray(a, 'float32'))";

struct Half {
    std::uint16_t bits;
};

template <class Stored>
double as_double(Stored value) {
    if constexpr (std::is_same_v<Stored, Half>) return static_cast<double>(from_half(value.bits));
    else return static_cast<double>(value);
}

// The number of values of the shape; the bytes behind the header must be exactly theirs.
std::uint64_t check_size(const std::string& name, const NpyHeader& header, std::string_view bytes) {
    const std::uint64_t available = bytes.size() - header.data_offset;
    std::uint64_t count = 1;
    bool fits = true;
    for (const std::uint64_t extent : header.shape) {
        if (extent != 0 && count > std::numeric_limits<std::uint64_t>::max() / extent) fits = false;
        else count *= extent;
    }
    const bool item = header.item_bytes != 0;
    if (!fits || (item && count > available / header.item_bytes)) {
        const std::string needed =
            fits && count <= std::numeric_limits<std::uint64_t>::max() / header.item_bytes
                ? fmt::format("{} bytes", count * header.item_bytes)
                : std::string("more bytes than any file has");
        fail(
            "{}: truncated: the header says {} {} values, which need {}, but only {} follow it; "
            "copy "
            "or save the file again",
            name, shape_text(header.shape), header.dtype, needed, available);
    }
    if (count * header.item_bytes != available) {
        fail(
            "{}: {} bytes follow the {} {} values that the header promises; a .npy holds one "
            "array: "
            "save the file again",
            name, available - count * header.item_bytes, shape_text(header.shape), header.dtype);
    }
    return count;
}

// Where the values of one matrix stand among those of the array.
struct Place {
    std::size_t rows = 0, cols = 0;
    std::size_t first = 0, row_step = 0, col_step = 0;
};

template <class Stored>
Matrix<float> convert(const std::string& name, const char* data, const Place& place) {
    Matrix<float> out(place.rows, place.cols);
    for (std::size_t row = 0; row < place.rows; ++row) {
        for (std::size_t col = 0; col < place.cols; ++col) {
            const std::size_t index = place.first + row * place.row_step + col * place.col_step;
            Stored stored{};
            std::memcpy(&stored, data + index * sizeof(Stored), sizeof(Stored));
            const double value = as_double(stored);
            const auto narrow = static_cast<float>(value);
            if (!std::isfinite(narrow)) fail_number(name, row, col, value);
            out(row, col) = narrow;
        }
    }
    return out;
}

// The matrix at `place` in the type that the header names.
Matrix<float> convert(const std::string& name, const NpyHeader& header, std::string_view bytes,
                      const Place& place) {
    const char* data = bytes.data() + header.data_offset;
    if (header.dtype == "float16") return convert<Half>(name, data, place);
    if (header.dtype == "float32") return convert<float>(name, data, place);
    if (header.dtype == "float64") return convert<double>(name, data, place);
    if (header.dtype == "int8") return convert<std::int8_t>(name, data, place);
    if (header.dtype == "int32") return convert<std::int32_t>(name, data, place);
    return convert<std::int64_t>(name, data, place);
}

void check_numbers(const std::string& name, const NpyHeader& header) {
    if (header.kind == NpyKind::text)
        fail("{}: the array holds text; expected numbers: {}", name, kAdvice);
}

std::pair<std::size_t, std::size_t> matrix_shape(const std::string& name, const NpyHeader& header) {
    if (header.shape.size() != 2) {
        fail(
            "{}: the array has {} ({}); expected a matrix [tokens, dimensions]: reshape it before "
            "saving",
            name,
            header.shape.size() == 1 ? std::string("1 dimension")
                                     : fmt::format("{} dimensions", header.shape.size()),
            shape_text(header.shape));
    }
    if (header.shape[0] == 0) {
        fail("{}: the array has no rows ({}); expected at least one token", name,
             shape_text(header.shape));
    }
    if (header.shape[1] == 0) {
        fail("{}: the array has no columns ({}); expected at least one dimension", name,
             shape_text(header.shape));
    }
    return {static_cast<std::size_t>(header.shape[0]), static_cast<std::size_t>(header.shape[1])};
}

// Magic, version and header, padded so that the values begin at a multiple of 64 bytes, as numpy
// writes them. `shape` as inside a tuple: "3, 4".
std::string header_bytes(std::string_view descr, std::string_view shape) {
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
    const std::size_t before = kNpyMagic.size() + 4;
    header.append(63 - (before + header.size()) % 64, ' ');
    header += '\n';
    std::string out(kNpyMagic);
    out += '\x01';
    out += '\x00';
    out += static_cast<char>(header.size() & 0xFFU);
    out += static_cast<char>(header.size() >> 8U);
    return out + header;
}

template <class T>
void append_values(std::string& out, MatrixView<const T> values) {
    for (std::size_t row = 0; row < values.rows; ++row) {
        const auto line = values.row(row);
        out.append(reinterpret_cast<const char*>(line.data()), line.size_bytes());
    }
}

template <class T>
std::string write(MatrixView<const T> values, std::string_view descr) {
    std::string out = header_bytes(descr, fmt::format("{}, {}", values.rows, values.cols));
    out.reserve(out.size() + values.rows * values.cols * sizeof(T));
    append_values(out, values);
    return out;
}

void append_utf8(std::string& out, std::uint32_t code) {
    char piece[U8_MAX_LENGTH] = {};
    std::size_t length = 0;
    U8_APPEND_UNSAFE(piece, length, code);
    out.append(piece, length);
}

std::string read_string(const std::string& name, std::size_t index, std::string_view item,
                        bool wide) {
    std::string out;
    if (!wide) {
        out = item.substr(0, item.find_last_not_of('\0') + 1);
        if (first_invalid_utf8(out)) {
            fail("{}: string {} (from 0) is not valid UTF-8; save the strings as numpy type 'U'",
                 name, index);
        }
        return out;
    }
    for (std::size_t at = 0; at + 4 <= item.size(); at += 4) {
        std::uint32_t code = 0;
        std::memcpy(&code, item.data() + at, 4);
        if (code > 0x10FFFFU || (code >= 0xD800U && code <= 0xDFFFU)) {
            fail(
                "{}: string {} (from 0) holds 0x{:X}, which is no Unicode character; save the "
                "strings "
                "again",
                name, index, code);
        }
        append_utf8(out, code);
    }
    out.erase(out.find_last_not_of('\0') + 1);
    return out;
}

}  // namespace

NpyMatrix read_npy(const std::string& name, std::string_view bytes) {
    const NpyHeader header = read_npy_header(name, bytes);
    check_numbers(name, header);
    const auto [rows, cols] = matrix_shape(name, header);
    (void)check_size(name, header, bytes);
    const Place place =
        header.fortran_order ? Place{rows, cols, 0, 1, rows} : Place{rows, cols, 0, cols, 1};
    return {convert(name, header, bytes, place), header.dtype};
}

namespace {

// An array of one matrix or of several heads.
struct StackForm {
    NpyHeader header;
    std::size_t layers = 1, heads = 1, rows = 0, cols = 0;

    [[nodiscard]] bool several() const { return header.shape.size() > 2; }
    // Throws Error where the array is no such stack or its bytes are not all there.
    StackForm(const std::string& name, std::string_view bytes)
        : header(read_npy_header(name, bytes)) {
        check_numbers(name, header);
        const std::size_t axes = header.shape.size();
        if (axes < 2 || axes > 4)
            fail(
                "{}: the array has the shape {}; expected [tokens, columns] of one head, [heads, "
                "tokens, columns] or [layers, heads, tokens, columns]: reshape it before saving",
                name, shape_text(header.shape));
        if (std::find(header.shape.begin(), header.shape.end(), 0U) != header.shape.end())
            fail("{}: an axis of the array has length 0 ({}); expected at least one of each", name,
                 shape_text(header.shape));
        (void)check_size(name, header, bytes);
        const auto extent = [&](std::size_t axis) {
            return static_cast<std::size_t>(header.shape[axis]);
        };
        rows = extent(axes - 2);
        cols = extent(axes - 1);
        if (axes > 2) heads = extent(axes - 3);
        if (axes > 3) layers = extent(0);
    }

    [[nodiscard]] Matrix<float> matrix(const std::string& name, std::string_view bytes,
                                       std::size_t layer, std::size_t head) const {
        const std::size_t count = layers * heads;
        const Place place = header.fortran_order
                                ? Place{rows, cols, layer + layers * head, count, count * rows}
                                : Place{rows, cols, (layer * heads + head) * rows * cols, cols, 1};
        return convert(several() ? fmt::format("{}: layer {}, head {}", name, layer, head) : name,
                       header, bytes, place);
    }
};

}  // namespace

NpyStack read_npy_stack(const std::string& name, std::string_view bytes) {
    const StackForm form(name, bytes);
    NpyStack stack;
    stack.layers = form.layers;
    stack.several = form.several();
    stack.dtype = form.header.dtype;
    for (std::size_t layer = 0; layer < form.layers; ++layer)
        for (std::size_t head = 0; head < form.heads; ++head)
            stack.heads.push_back(form.matrix(name, bytes, layer, head));
    return stack;
}

Matrix<float> read_npy_head(const std::string& name, std::string_view bytes, std::size_t layer,
                            std::size_t head, std::size_t rows) {
    const StackForm form(name, bytes);
    if (form.rows != rows || form.cols != rows)
        fail("{}: {} x {} for each head; expected {} x {}, a row and a column a token", name,
             form.rows, form.cols, rows, rows);
    // What has no axis of layers or heads is of the one that is meant.
    const std::size_t axes = form.header.shape.size();
    if (axes < 4) layer = 0;
    if (axes < 3) head = 0;
    if (layer >= form.layers || head >= form.heads)
        fail(
            "{}: there is no layer {} with a head {}: the file holds {} layer{} of {} head{}, "
            "numbered from 0; set embed.layer and embed.head",
            name, layer, head, form.layers, form.layers == 1 ? "" : "s", form.heads,
            form.heads == 1 ? "" : "s");
    return form.matrix(name, bytes, layer, head);
}

std::vector<float> read_npy_vector(const std::string& name, std::string_view bytes) {
    const NpyHeader header = read_npy_header(name, bytes);
    check_numbers(name, header);
    std::size_t wide = 0;
    for (const std::uint64_t extent : header.shape) wide += extent > 1 ? 1 : 0;
    if (header.shape.empty() || wide > 1)
        fail("{}: the array has the shape {}; expected one number a token", name,
             shape_text(header.shape));
    const auto count = static_cast<std::size_t>(check_size(name, header, bytes));
    const Matrix<float> values = convert(name, header, bytes, Place{count, 1, 0, 1, 1});
    return {values.data(), values.data() + values.size()};
}

bool can_view_npy(std::string_view bytes) {
    if (!bytes.starts_with(kNpyMagic)) return false;
    try {
        const NpyHeader header = read_npy_header({}, bytes);
        const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data() + header.data_offset);
        return header.dtype == "float32" && !header.fortran_order && header.shape.size() == 2 &&
               begin % alignof(float) == 0;
    } catch (const Error&) {
        return false;
    }
}

MatrixView<const float> view_npy(const std::string& name, std::string_view bytes) {
    if (!can_view_npy(bytes)) fault("{}: the values cannot be used where they lie", name);
    const NpyHeader header = read_npy_header(name, bytes);
    const auto shape = matrix_shape(name, header);
    (void)check_size(name, header, bytes);
    return {reinterpret_cast<const float*>(bytes.data() + header.data_offset), shape.first,
            shape.second};
}

Matrix<std::int64_t> read_npy_integers(const std::string& name, std::string_view bytes) {
    const NpyHeader header = read_npy_header(name, bytes);
    if (header.kind != NpyKind::integer) {
        fail("{}: the array holds {}; expected whole numbers (int8, int32 or int64)", name,
             header.dtype);
    }
    if (header.shape.empty() || header.shape.size() > 2) {
        fail("{}: the array has {} dimensions; expected one or two", name, header.shape.size());
    }
    if (check_size(name, header, bytes) == 0) {
        fail("{}: the array is empty ({})", name, shape_text(header.shape));
    }
    const auto rows = static_cast<std::size_t>(header.shape[0]);
    const std::size_t cols =
        header.shape.size() == 2 ? static_cast<std::size_t>(header.shape[1]) : 1;
    Matrix<std::int64_t> out(rows, cols);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t col = 0; col < cols; ++col) {
            const std::size_t index = header.fortran_order ? col * rows + row : row * cols + col;
            const char* at = bytes.data() + header.data_offset + index * header.item_bytes;
            std::int8_t small = 0;
            std::int32_t medium = 0;
            std::int64_t large = 0;
            if (header.item_bytes == 1) std::memcpy(&small, at, 1);
            else if (header.item_bytes == 4) std::memcpy(&medium, at, 4);
            else std::memcpy(&large, at, 8);
            out(row, col) = small + medium + large;
        }
    }
    return out;
}

std::vector<std::string> read_npy_strings(const std::string& name, std::string_view bytes) {
    const NpyHeader header = read_npy_header(name, bytes);
    if (header.kind != NpyKind::text) {
        fail("{}: the array holds {}; expected strings (numpy types 'U' or 'S')", name,
             header.dtype);
    }
    if (header.shape.size() != 1) {
        fail("{}: the array has {} dimensions; expected one string a token", name,
             header.shape.size());
    }
    const std::uint64_t count = check_size(name, header, bytes);
    std::vector<std::string> out;
    if (header.item_bytes == 0) {
        fail("{}: every string is empty; expected one word a token", name);
    }
    out.reserve(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(read_string(
            name, i, bytes.substr(header.data_offset + i * header.item_bytes, header.item_bytes),
            header.wide_text));
    }
    return out;
}

std::string write_npy(MatrixView<const float> values) { return write(values, "<f4"); }
std::string write_npy(MatrixView<const double> values) { return write(values, "<f8"); }

std::string write_npy(std::span<const Matrix<float>> heads, std::size_t layers) {
    const Matrix<float>& first = heads.front();
    std::string out = header_bytes(
        "<f4",
        fmt::format("{}, {}, {}, {}", layers, heads.size() / layers, first.rows(), first.cols()));
    out.reserve(out.size() + heads.size() * first.size() * sizeof(float));
    for (const Matrix<float>& head : heads) {
        if (head.rows() != first.rows() || head.cols() != first.cols())
            fault("Heads of {} x {} and {} x {} were to go into one array.", first.rows(),
                  first.cols(), head.rows(), head.cols());
        append_values(out, head.view());
    }
    return out;
}

}  // namespace hsa
