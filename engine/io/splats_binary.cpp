#include "engine/io/splats_binary.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/io/bytes.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"
#include "engine/io/splats_parts.h"
#include "engine/model/eight_bits.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

using nlohmann::ordered_json;

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kUsageValues = 10;
constexpr std::int64_t kMostValues = std::int64_t{1} << 40U;

// A column of 8 bits with the groups that it is coded in.
struct CodedColumn {
    EightBits bits;
    bool by_column = false;

    [[nodiscard]] std::size_t groups(std::size_t levels, std::size_t width) const {
        return by_column ? levels * width : levels;
    }
};

// The splats one below the other: columns in the order of the file. Centres and variances are in
// their float32 columns or in the coded ones.
struct Columns {
    CodedColumn centre_bits{{}, true}, query_centre_bits{{}, true};
    CodedColumn variance_bits, query_variance_bits;
    std::vector<std::uint32_t> id, level, parent, kind, query_kind, usage_count;
    std::vector<std::uint32_t> shape_size, query_shape_size;
    std::vector<float> centre, variance, query_centre, query_variance, log_amplitude, beta, usage;
    std::vector<float> shape, query_shape;  // one splat after the other
    std::vector<std::int32_t> age;
};

// How long the columns are; the further numbers of lowrank and full splats lie one after the other.
struct Lengths {
    std::size_t splats = 0;
    std::size_t dimension = 0;
    bool paired = false;
    std::size_t shape = 0;
    std::size_t query_shape = 0;
    std::size_t levels = 0;
    Parameters parameters = Parameters::float32;
};

// Calls visitor(name, column, rows, width) for each column: the one list of them.
template <class C, class Visitor>
void visit(C& columns, const Lengths& lengths, Visitor&& visitor) {
    const std::size_t k = lengths.splats;
    const std::size_t d = lengths.dimension;
    visitor("id", columns.id, k, std::size_t{1});
    visitor("level", columns.level, k, std::size_t{1});
    visitor("parent", columns.parent, k, std::size_t{1});
    visitor("kind", columns.kind, k, std::size_t{1});
    const bool coded = lengths.parameters == Parameters::bits8;
    if (coded) {
        visitor("centre", columns.centre_bits, k, d);
        visitor("log_variance", columns.variance_bits, k, d);
    } else {
        visitor("centre", columns.centre, k, d);
    }
    // Full covariances keep their diagonals beside what lies off them.
    if (!coded || lengths.shape > 0) visitor("variance", columns.variance, k, d);
    if (lengths.shape > 0) {
        visitor("shape_size", columns.shape_size, k, std::size_t{1});
        visitor("shape", columns.shape, lengths.shape, std::size_t{1});
    }
    if (lengths.paired) {
        visitor("query_kind", columns.query_kind, k, std::size_t{1});
        if (coded) {
            visitor("query_centre", columns.query_centre_bits, k, d);
            visitor("query_log_variance", columns.query_variance_bits, k, d);
        } else {
            visitor("query_centre", columns.query_centre, k, d);
        }
        if (!coded || lengths.query_shape > 0)
            visitor("query_variance", columns.query_variance, k, d);
        if (lengths.query_shape > 0) {
            visitor("query_shape_size", columns.query_shape_size, k, std::size_t{1});
            visitor("query_shape", columns.query_shape, lengths.query_shape, std::size_t{1});
        }
    }
    visitor("log_amplitude", columns.log_amplitude, k, std::size_t{1});
    visitor("beta", columns.beta, k, std::size_t{1});
    visitor("age", columns.age, k, std::size_t{1});
    visitor("usage_count", columns.usage_count, k, std::size_t{1});
    visitor("usage", columns.usage, k, kUsageValues);
}

const char* type_of(const std::vector<float>&) { return "float32"; }
const char* type_of(const std::vector<std::uint32_t>&) { return "uint32"; }
const char* type_of(const std::vector<std::int32_t>&) { return "int32"; }
const char* type_of(const CodedColumn&) { return "8bit"; }

template <class Value>
void write_column(const std::vector<Value>& column, std::size_t, std::size_t, std::size_t,
                  ByteWriter& writer) {
    writer.put_all(std::span<const Value>(column));
}
void write_column(const CodedColumn& column, std::size_t, std::size_t, std::size_t,
                  ByteWriter& writer) {
    writer.put_all(std::span<const float>(column.bits.low));
    writer.put_all(std::span<const float>(column.bits.high));
    writer.put_all(std::span<const std::uint8_t>(column.bits.codes));
}

template <class Value>
void read_column(std::vector<Value>& column, std::size_t rows, std::size_t width, std::size_t,
                 ByteReader& reader) {
    if (rows > reader.left() / (sizeof(Value) * width))
        reader.damaged("the columns go on past the end");
    column = reader.template get_all<Value>(rows * width);
}
void read_column(CodedColumn& column, std::size_t rows, std::size_t width, std::size_t levels,
                 ByteReader& reader) {
    const std::size_t groups = column.groups(levels, width);
    if (groups > reader.left() / (2 * sizeof(float)) ||
        rows > (reader.left() - groups * 2 * sizeof(float)) / width)
        reader.damaged("the columns go on past the end");
    column.bits.low = reader.template get_all<float>(groups);
    column.bits.high = reader.template get_all<float>(groups);
    column.bits.codes = reader.template get_all<std::uint8_t>(rows * width);
}

std::vector<std::uint32_t> numbers_of(const std::vector<CovarianceKind>& kinds) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(kinds.size());
    for (const CovarianceKind kind : kinds) numbers.push_back(static_cast<std::uint32_t>(kind));
    return numbers;
}

std::vector<float> values_of(const Matrix<float>& matrix) {
    return {matrix.data(), matrix.data() + matrix.size()};
}

std::vector<float> row_of(const std::vector<float>& column, std::size_t row, std::size_t width,
                          std::size_t count) {
    const auto first = column.begin() + static_cast<std::ptrdiff_t>(row * width);
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

void join_shapes(const GaussianColumns& side, std::vector<std::uint32_t>& sizes,
                 std::vector<float>& values) {
    for (const std::vector<float>& shape : side.shape) {
        sizes.push_back(static_cast<std::uint32_t>(shape.size()));
        values.insert(values.end(), shape.begin(), shape.end());
    }
}

// The shape of every splat; their sizes must add up to the values that there are.
std::vector<std::vector<float>> part_shapes(const std::string& path, std::size_t count,
                                            const std::vector<std::uint32_t>& sizes,
                                            const std::vector<float>& values) {
    std::vector<std::vector<float>> shapes(count);
    std::size_t at = 0;
    for (std::size_t row = 0; row < sizes.size(); ++row) {
        if (sizes[row] > values.size() - at) {
            fail("{}: row {}: its covariance has {} further numbers, more than the file holds",
                 path, row, sizes[row]);
        }
        shapes[row] = row_of(values, at, 1, sizes[row]);
        at += sizes[row];
    }
    if (at != values.size()) {
        fail("{}: its covariances have {} further numbers, but the file holds {}", path, at,
             values.size());
    }
    return shapes;
}

Columns columns_of(const SplatRegistry& registry) {
    Columns columns;
    columns.id = registry.id;
    columns.level.assign(registry.level.begin(), registry.level.end());
    columns.parent = registry.parent;
    columns.kind = numbers_of(registry.gaussians.kind);
    columns.centre = values_of(registry.gaussians.centre);
    columns.variance = values_of(registry.gaussians.variance);
    join_shapes(registry.gaussians, columns.shape_size, columns.shape);
    if (registry.query_gaussians) {
        columns.query_kind = numbers_of(registry.query_gaussians->kind);
        columns.query_centre = values_of(registry.query_gaussians->centre);
        columns.query_variance = values_of(registry.query_gaussians->variance);
        join_shapes(*registry.query_gaussians, columns.query_shape_size, columns.query_shape);
    }
    columns.log_amplitude = registry.log_amplitude;
    columns.beta = registry.beta;
    columns.age = registry.age;
    for (const UsageHistory& usage : registry.usage_history) {
        columns.usage_count.push_back(usage.count);
        columns.usage.insert(columns.usage.end(), usage.values.begin(), usage.values.end());
    }
    return columns;
}

void code(const SplatRegistry& registry, Columns& columns) {
    const std::size_t levels = registry.hierarchy.size();
    const auto side = [&](const GaussianColumns& from, CodedColumn& centre, CodedColumn& variance) {
        GaussianBits bits = to_eight_bits(from, registry.level, levels);
        centre.bits = std::move(bits.centre);
        variance.bits = std::move(bits.log_variance);
    };
    side(registry.gaussians, columns.centre_bits, columns.variance_bits);
    if (registry.query_gaussians)
        side(*registry.query_gaussians, columns.query_centre_bits, columns.query_variance_bits);
}

ordered_json column_list(const Columns& columns, const Lengths& lengths) {
    ordered_json list = ordered_json::array();
    visit(columns, lengths,
          [&](const char* name, const auto& column, std::size_t rows, std::size_t width) {
              list.push_back(
                  {{"name", name}, {"type", type_of(column)}, {"rows", rows}, {"cols", width}});
          });
    return list;
}

CovarianceKind read_kind(const std::string& path, SplatId id, std::uint32_t number,
                         const std::vector<float>& variance) {
    if (number > static_cast<std::uint32_t>(CovarianceKind::full)) {
        fail("{}: splat {}: its covariance kind is number {}; expected 0 to 3", path, id, number);
    }
    const auto kind = static_cast<CovarianceKind>(number);
    const auto other = [&](float value) { return value != variance[0]; };
    if (kind == CovarianceKind::spherical && std::any_of(variance.begin(), variance.end(), other)) {
        fail("{}: splat {}: it is spherical, but its variances differ; save it as diagonal", path,
             id);
    }
    return kind;
}

std::vector<float> decoded(const std::string& path, const CodedColumn& column,
                           const std::vector<std::uint16_t>& level, const Lengths& lengths,
                           bool logarithm) {
    const auto finite = [](float x) { return std::isfinite(x); };
    if (!std::all_of(column.bits.low.begin(), column.bits.low.end(), finite) ||
        !std::all_of(column.bits.high.begin(), column.bits.high.end(), finite))
        fail("{}: a column of 8 bits reaches from or to no finite number; save the splats again",
             path);
    std::vector<float> values = values_of(
        from_eight_bits(column.bits, lengths.dimension, level, lengths.levels, column.by_column));
    if (logarithm)
        for (float& value : values) value = std::exp(value);
    return values;
}

// Coded columns into those of float32.
void decode(const std::string& path, const Lengths& lengths, Columns& columns) {
    std::vector<std::uint16_t> level;
    for (std::size_t row = 0; row < lengths.splats; ++row) {
        if (columns.level[row] >= lengths.levels)
            fail("{}: splat {}: its level is number {}; expected one of the levels", path,
                 columns.id[row], columns.level[row]);
        level.push_back(static_cast<std::uint16_t>(columns.level[row]));
    }
    const auto side = [&](const CodedColumn& centre_bits, const CodedColumn& variance_bits,
                          const std::vector<std::uint32_t>& kind, std::vector<float>& centre,
                          std::vector<float>& variance) {
        centre = decoded(path, centre_bits, level, lengths, false);
        std::vector<float> own = decoded(path, variance_bits, level, lengths, true);
        const auto d = static_cast<std::ptrdiff_t>(lengths.dimension);
        constexpr auto kFull = static_cast<std::uint32_t>(CovarianceKind::full);
        for (std::size_t row = 0; row < lengths.splats && !variance.empty(); ++row)
            if (kind[row] == kFull)
                std::copy_n(variance.begin() + static_cast<std::ptrdiff_t>(row) * d, d,
                            own.begin() + static_cast<std::ptrdiff_t>(row) * d);
        variance = std::move(own);
    };
    side(columns.centre_bits, columns.variance_bits, columns.kind, columns.centre,
         columns.variance);
    if (lengths.paired)
        side(columns.query_centre_bits, columns.query_variance_bits, columns.query_kind,
             columns.query_centre, columns.query_variance);
}

FileSplat splat_at(const std::string& path, const Columns& columns, std::size_t row,
                   const Lengths& lengths) {
    const std::size_t dimension = lengths.dimension;
    FileSplat item;
    Splat& splat = item.splat;
    splat.id = columns.id[row];
    if (splat.id == kNoSplat) fail("{}: row {}: the id {} is reserved", path, row, kNoSplat);
    if (columns.level[row] >= 0xffffU) {
        fail("{}: splat {}: its level is number {}; expected one of the levels", path, splat.id,
             columns.level[row]);
    }
    splat.level = static_cast<std::uint16_t>(columns.level[row]);
    splat.parent = columns.parent[row];
    splat.centre = row_of(columns.centre, row, dimension, dimension);
    splat.variance = row_of(columns.variance, row, dimension, dimension);
    splat.kind = read_kind(path, splat.id, columns.kind[row], splat.variance);
    if (lengths.paired) {
        item.query_centre = row_of(columns.query_centre, row, dimension, dimension);
        item.query_variance = row_of(columns.query_variance, row, dimension, dimension);
        item.query_kind = read_kind(path, splat.id, columns.query_kind[row], item.query_variance);
    }
    splat.log_amplitude = columns.log_amplitude[row];
    splat.beta = columns.beta[row];
    splat.age = columns.age[row];
    if (columns.usage_count[row] > kUsageValues) {
        fail("{}: splat {}: it has {} values of usage; expected at most {}", path, splat.id,
             columns.usage_count[row], kUsageValues);
    }
    splat.usage.count = static_cast<std::uint8_t>(columns.usage_count[row]);
    const std::vector<float> usage = row_of(columns.usage, row, kUsageValues, kUsageValues);
    std::copy(usage.begin(), usage.end(), splat.usage.values.begin());
    return item;
}

std::string_view checked_body(const std::string& path, std::string_view bytes) {
    if (bytes.substr(0, kSplatsMagic.size()) != kSplatsMagic) {
        fail(
            "{}: not a .splats file: its first bytes are others; expected one saved by splats.save",
            path);
    }
    constexpr std::size_t kLeast = 8 + 4 + 4 + 8;
    if (bytes.size() < kLeast) {
        fail("{}: truncated: {} bytes are too few for a .splats file; copy it again", path,
             bytes.size());
    }
    std::uint32_t version = 0;
    std::memcpy(&version, bytes.data() + kSplatsMagic.size(), sizeof version);
    if (version != kVersion) {
        fail("{}: .splats version {}; this program reads version {}: save the splats as .json",
             path, version, kVersion);
    }
    std::uint64_t stored = 0;
    std::memcpy(&stored, bytes.data() + bytes.size() - 8, 8);
    const std::string_view body = bytes.substr(0, bytes.size() - 8);
    if (hash_text(body) != stored) {
        fail(
            "{}: truncated or damaged: its checksum is not that of its {} bytes; copy the file "
            "again",
            path, bytes.size());
    }
    return body.substr(kSplatsMagic.size() + sizeof version);
}

}  // namespace

SplatRegistry read_splats_binary(const std::string& path, std::string_view bytes) {
    ByteReader reader(path, "splats", checked_body(path, bytes));
    const auto header_size = reader.get<std::uint32_t>();
    const nlohmann::json header = parse_json(path + " (header)", reader.get_view(header_size));
    SplatRegistry head = read_head(path, header);
    const JsonFields fields(path, "", header);
    const auto count = static_cast<std::size_t>(fields.integer("count", 1, kNoSplat));
    const auto further = [&](const char* key) {
        return fields.has(key) ? static_cast<std::size_t>(fields.integer(key, 1, kMostValues)) : 0;
    };
    const std::string parameters =
        fields.has("parameters") ? fields.text("parameters") : std::string("float32");
    if (parameters != "float32" && parameters != "8bit")
        fail("{}: its parameters are {}; this program reads float32 and 8bit", path, parameters);
    const Lengths lengths = {count,
                             head.dimension,
                             head.form == Form::paired,
                             further("shape_values"),
                             further("query_shape_values"),
                             head.hierarchy.size(),
                             parameters == "8bit" ? Parameters::bits8 : Parameters::float32};
    Columns columns;
    if (fields.array("columns") != nlohmann::json(column_list(columns, lengths))) {
        fail("{}: its columns are not those that this version reads; save the splats as .json",
             path);
    }
    visit(columns, lengths, [&](const char*, auto& column, std::size_t rows, std::size_t width) {
        read_column(column, rows, width, lengths.levels, reader);
    });
    reader.expect_end();
    if (lengths.parameters == Parameters::bits8) decode(path, lengths, columns);
    auto shapes = part_shapes(path, count, columns.shape_size, columns.shape);
    auto query_shapes = part_shapes(path, count, columns.query_shape_size, columns.query_shape);
    std::vector<FileSplat> splats;
    splats.reserve(count);
    for (std::size_t row = 0; row < count; ++row) {
        splats.push_back(splat_at(path, columns, row, lengths));
        splats.back().splat.shape = std::move(shapes[row]);
        splats.back().query_shape = std::move(query_shapes[row]);
    }
    return assemble(path, std::move(head), std::move(splats));
}

std::string write_splats_binary(const SplatRegistry& registry, Parameters parameters) {
    Columns columns = columns_of(registry);
    const Lengths lengths = {registry.size(),
                             registry.dimension,
                             registry.query_gaussians.has_value(),
                             columns.shape.size(),
                             columns.query_shape.size(),
                             registry.hierarchy.size(),
                             parameters};
    if (parameters == Parameters::bits8) code(registry, columns);
    ordered_json header = head_json(registry);
    header["count"] = registry.size();
    if (lengths.shape > 0) header["shape_values"] = lengths.shape;
    if (lengths.query_shape > 0) header["query_shape_values"] = lengths.query_shape;
    if (parameters == Parameters::bits8) header["parameters"] = "8bit";
    header["columns"] = column_list(columns, lengths);
    const std::string text = header.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    ByteWriter writer;
    writer.put_all(std::span<const char>(kSplatsMagic));
    writer.put(kVersion);
    writer.put(static_cast<std::uint32_t>(text.size()));
    writer.put_all(std::span<const char>(text));
    visit(columns, lengths,
          [&](const char*, const auto& column, std::size_t rows, std::size_t width) {
              write_column(column, rows, width, lengths.levels, writer);
          });
    writer.put(hash_text(writer.bytes()));
    return writer.take();
}

}  // namespace hsa
