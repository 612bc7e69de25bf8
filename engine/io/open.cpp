#include "engine/io/open.h"

#include "engine/core/count_text.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/core/hash_stream.h"
#include "engine/io/detect.h"
#include "engine/io/json_records.h"
#include "engine/io/npy_header.h"
#include "engine/io/npz.h"
#include "engine/io/parquet.h"
#include "engine/io/rows_in_place.h"
#include "engine/io/safetensors.h"
#include "engine/io/table.h"
#include "engine/io/word_vectors.h"
#include "engine/model/heads.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

namespace hsa {
namespace {

// What a reader of one format found.
struct Found {
    Embeddings embeddings;
    std::string dtype;
    std::vector<std::string> labels;
    std::vector<std::shared_ptr<const HeadRows>> heads;  // the keys of the first without values
    std::size_t layers = 0;                              // 0: one head alone, or none
    std::string notes;  // ", header skipped": added to what was understood
    std::vector<std::uint32_t> masked = {};
    std::optional<std::uint64_t> hash = std::nullopt;  // of the bytes, where reading formed it
    std::vector<MetadataColumn> properties = {};
};

std::string count_of(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::vector<std::string> names_of(const std::vector<MetadataColumn>& properties) {
    std::vector<std::string> names;
    names.reserve(properties.size());
    for (const MetadataColumn& property : properties) names.push_back(property.name);
    return names;
}

Found from_table(const std::string& path, std::string_view bytes, TextEncoding encoding) {
    Table table = read_table(path, bytes, encoding);
    Found found{
        Embeddings::own(std::move(table.values)), "float32", std::move(table.labels), {}, 0, ""};
    if (!table.column_names.empty()) found.notes += ", header skipped";
    if (table.index_column) {
        found.notes += fmt::format(", row numbers in column {} skipped", *table.index_column + 1);
    }
    if (table.label_column) {
        found.notes += fmt::format(", labels from column {}", *table.label_column + 1);
    }
    found.properties = std::move(table.properties);
    return found;
}

Found from_word_vectors(const std::string& path, std::string_view bytes) {
    WordVectors vectors = read_word_vectors(path, bytes);
    Found found;
    found.embeddings = Embeddings::own(std::move(vectors.values));
    found.dtype = "float32";
    found.labels = std::move(vectors.words);
    found.notes = ", " + vectors.format;
    return found;
}

Found from_records(RecordVectors vectors) {
    Found found;
    found.embeddings = Embeddings::own(std::move(vectors.values));
    found.dtype = std::move(vectors.dtype);
    found.labels = std::move(vectors.labels);
    found.properties = std::move(vectors.properties);
    if (!vectors.field.empty()) found.notes = fmt::format(", from '{}'", vectors.field);
    if (!found.labels.empty())
        found.notes += fmt::format(", labels from '{}'", vectors.label_field);
    if (!vectors.ignored.empty()) found.notes += ", not used: " + list_of(vectors.ignored);
    return found;
}

// "'a' [3, 4] F32, 'b' [2] I64": some of the tensors and what they are.
std::string tensors_text(const Safetensors& file) {
    constexpr std::size_t kShown = 20;
    std::string text;
    std::size_t shown = 0;
    for (const auto& [name, place] : file.tensors()) {
        if (shown == kShown)
            return text + fmt::format(" and {} more", file.tensors().size() - shown);
        text += fmt::format("{}'{}' {} {}", shown == 0 ? "" : ", ", name, shape_text(place.shape),
                            place.dtype);
        ++shown;
    }
    return text.empty() ? "none" : text;
}

bool is_fractions(const std::string& dtype) {
    return dtype == "F32" || dtype == "F16" || dtype == "BF16" || dtype == "F64";
}

// The tensor that is meant where none is named: the only matrix, or the one called so.
std::string choose_tensor(const Safetensors& file) {
    std::vector<std::string> matrices;
    for (const auto& [name, place] : file.tensors())
        if (place.shape.size() == 2 && place.begin < place.end && is_fractions(place.dtype))
            matrices.push_back(name);
    if (matrices.size() == 1) return matrices.front();
    for (const char* usual : {"embeddings", "embedding"})
        if (std::find(matrices.begin(), matrices.end(), usual) != matrices.end()) return usual;
    fail(
        "{}: {} of its tensors are matrices of vectors and none is named 'embeddings'; it holds "
        "{}: name one with open PATH as tensor:NAME",
        file.name(), matrices.empty() ? "none" : std::to_string(matrices.size()),
        tensors_text(file));
}

// The rows where they lie in the file, checked and hashed in one pass.
void take_in_place(const std::string& name, const FileBytes& file, MatrixView<const float> rows,
                   Found& found) {
    HashStream hash;
    check_in_place(name, file.view(), rows, [&](std::string_view piece) {
        hash.add(piece);
        file.forget(piece);
    });
    found.embeddings.rows = rows;
    found.embeddings.owner = file.owner();
    found.hash = hash.value();
}

Found from_safetensors(const std::string& path, const FileBytes& file, const std::string& part) {
    const Safetensors tensors(path, file);
    const std::string name = part.empty() ? choose_tensor(tensors) : part;
    const TensorPlace& place = tensors.at(name);
    if (place.shape.size() != 2 || place.begin == place.end)
        fail("{}: tensor '{}' has the shape {}; expected a matrix [tokens, dimensions]", path, name,
             shape_text(place.shape));
    Found found;
    const MatrixView<const float> rows = tensors.view(name);
    if (file.owner() != nullptr && !rows.empty()) {
        take_in_place(fmt::format("{}: tensor '{}'", path, name), file, rows, found);
    } else {
        found.embeddings = Embeddings::own(tensors.matrix(name));
        found.hash = hash_text(file.view());
        finish_reading(file.owner());
    }
    constexpr std::array<std::array<const char*, 2>, 4> kTypes = {
        {{"F32", "float32"}, {"F16", "float16"}, {"BF16", "bfloat16"}, {"F64", "float64"}}};
    for (const auto& type : kTypes)
        if (place.dtype == type[0]) found.dtype = type[1];
    found.notes = fmt::format(", tensor '{}'", name);
    if (tensors.tensors().size() > 1)
        found.notes +=
            fmt::format(", {} not used", count_of(tensors.tensors().size() - 1, "other"));
    return found;
}

Found from_npy(const std::string& path, const FileBytes& file) {
    if (file.owner() == nullptr || !can_view_npy(file.view())) {
        NpyMatrix matrix = read_npy(path, file.view());
        return {Embeddings::own(std::move(matrix.values)), std::move(matrix.dtype), {}, {}, 0, ""};
    }
    Found found;
    found.dtype = "float32";
    take_in_place(path, file, view_npy(path, file.view()), found);
    return found;
}

// Queries and keys of the heads; a file that has one without the other is refused.
std::vector<std::shared_ptr<const HeadRows>> heads_of(const std::string& path, NpzArrays& arrays) {
    if (!arrays.queries && !arrays.keys) {
        if (!arrays.values) return {};
        fail("{}: it holds 'values' of a head without its 'queries' and 'keys'; save all three",
             path);
    }
    if (!arrays.queries || !arrays.keys)
        fail("{}: it holds '{}' of a head without its '{}'; save both", path,
             arrays.keys ? "keys" : "queries", arrays.keys ? "queries" : "keys");
    std::vector<std::shared_ptr<const HeadRows>> heads;
    for (std::size_t h = 0; h < arrays.keys->heads.size(); ++h) {
        auto head = std::make_shared<HeadRows>();
        head->queries = std::move(arrays.queries->heads[h]);
        head->keys = std::move(arrays.keys->heads[h]);
        if (arrays.values) head->values = std::move(arrays.values->heads[h]);
        heads.push_back(std::move(head));
    }
    return heads;
}

Found from_npz(const std::string& path, std::string_view bytes) {
    NpzArrays arrays = read_npz(path, bytes);
    Found found;
    found.heads = heads_of(path, arrays);
    found.labels = std::move(arrays.tokens);
    if (arrays.embeddings) {
        found.embeddings = Embeddings::own(std::move(arrays.embeddings->values));
        found.dtype = std::move(arrays.embeddings->dtype);
        found.notes = fmt::format(", from '{}'", arrays.embeddings_member);
    } else {
        found.dtype = arrays.keys->dtype;
        found.notes = ", the keys of a head";
    }
    if (!found.heads.empty()) {
        const HeadRows& head = *found.heads.front();
        if (arrays.keys->several) {
            found.layers = arrays.keys->layers;
            found.notes += ", " + heads_text(found.layers, found.heads.size() / found.layers);
        }
        found.notes += fmt::format(", queries and keys of {} dimensions", head.keys.cols());
        found.notes += head.values.empty() ? std::string(", no values")
                                           : fmt::format(", values of {}", head.values.cols());
    }
    if (const std::size_t axes = arrays.attention.size(); axes > 0) {
        const auto extent = [&](std::size_t axis) {
            return static_cast<std::size_t>(axes >= axis ? arrays.attention[axes - axis] : 1);
        };
        found.notes += ", attention";
        if (axes > 2) found.notes += " of " + heads_text(extent(4), extent(3));
    }
    if (arrays.mask_rows > 0)
        found.notes +=
            fmt::format(", {} masked by 'mask'", count_of(arrays.masked.size(), "token"));
    found.masked = std::move(arrays.masked);
    if (!found.labels.empty()) found.notes += ", labels from 'tokens'";
    if (!arrays.ignored.empty()) found.notes += ", not used: " + list_of(arrays.ignored);
    return found;
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits = {"bytes", "KB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024.0 && unit + 1 < kUnits.size()) {
        value /= 1024.0;
        ++unit;
    }
    return unit > 0 && value < 10.0 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                                    : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

void number_types(Dataset& dataset) {
    const std::size_t rows = dataset.size();
    dataset.types.clear();
    dataset.type_names.clear();
    dataset.types.reserve(rows);
    if (dataset.labels.empty()) {
        dataset.type_names.reserve(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            dataset.types.push_back(static_cast<std::uint32_t>(row));
            dataset.type_names.push_back(std::to_string(row));
        }
        return;
    }
    std::unordered_map<std::string_view, std::uint32_t> known;
    for (const std::string& label : dataset.labels) {
        const auto next = static_cast<std::uint32_t>(known.size());
        const auto place = known.try_emplace(label, next);
        if (place.second) dataset.type_names.push_back(label);
        dataset.types.push_back(place.first->second);
    }
}

Dataset open_embeddings(const std::string& path, std::string_view bytes, TextEncoding encoding,
                        const std::string& part) {
    return open_embeddings(path, FileBytes::borrowed(bytes), encoding, part);
}

Dataset open_embeddings(const std::string& path, const FileBytes& file, TextEncoding encoding,
                        const std::string& part) {
    const std::string_view bytes = file.view();
    FileKind kind = detect(path, bytes);
    if (!part.empty()) {
        if (kind == FileKind::json_texts) kind = FileKind::json_vectors;
        if (kind != FileKind::json_vectors && kind != FileKind::safetensors &&
            kind != FileKind::parquet)
            fail("{}: this is {}, which has no part named '{}'; open it without", path,
                 name_of(kind), part);
    }
    Found found;
    switch (kind) {
        case FileKind::text:
        case FileKind::table: found = from_table(path, bytes, encoding); break;
        case FileKind::word_vectors: found = from_word_vectors(path, bytes); break;
        case FileKind::json_texts:
        case FileKind::json_vectors:
            found = from_records(read_json_vectors(path, bytes, part, encoding));
            break;
        case FileKind::parquet:
            found = from_records(read_parquet_vectors(path, bytes, part));
            break;
        case FileKind::safetensors: found = from_safetensors(path, file, part); break;
        case FileKind::npy: found = from_npy(path, file); break;
        case FileKind::npz: found = from_npz(path, bytes); break;
        default:
            fail(
                "{}: this is {}, not a file of embeddings; expected .npy, .npz, .tsv, .csv, "
                ".jsonl, word vectors, .safetensors or .parquet",
                path, name_of(kind));
    }
    Dataset dataset;
    dataset.source = path;
    dataset.hash = found.hash ? *found.hash : hash_text(bytes);
    if (!part.empty()) dataset.hash = hash_text(part, dataset.hash);
    dataset.bytes = bytes.size();
    dataset.dtype = std::move(found.dtype);
    dataset.labels = std::move(found.labels);
    if (!found.heads.empty()) dataset.head = found.heads.front();
    if (found.layers > 0) dataset.heads = held_heads(std::move(found.heads), found.layers);
    dataset.embeddings = found.embeddings.rows.empty() && dataset.head
                             ? Embeddings{dataset.head->keys.view(), dataset.head}
                             : std::move(found.embeddings);
    dataset.masked = std::move(found.masked);
    dataset.properties = std::move(found.properties);
    dataset.embedding_id = fmt::format("file:{:016x}", dataset.hash);
    dataset.understood =
        fmt::format("{}, {}, {}, {}, 0 NaN{}", count_of(dataset.embeddings.rows.rows, "row"),
                    count_of(dataset.embeddings.rows.cols, "column"), dataset.dtype,
                    size_text(dataset.bytes), found.notes);
    if (dataset.dtype != "float32") dataset.understood += ", used as float32";
    if (!dataset.properties.empty())
        dataset.understood +=
            fmt::format(", properties: {}", list_of(names_of(dataset.properties)));
    number_types(dataset);
    return dataset;
}

}  // namespace hsa
