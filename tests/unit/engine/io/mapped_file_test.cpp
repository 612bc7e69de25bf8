#include "engine/io/mapped_file.h"

#include "engine/core/hash.h"
#include "engine/core/hash_stream.h"
#include "engine/io/file.h"
#include "engine/io/file_bytes.h"
#include "engine/io/npy.h"
#include "engine/io/open.h"
#include "engine/load.h"
#include "tests/unit/engine/io/io_test.h"

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>

using hsa::FileBytes;
using hsa::MappedFile;
using hsa::Matrix;
using io_test::check_fails;
using io_test::complaint_of;

namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

Matrix<float> made_rows(std::size_t rows, std::size_t cols) {
    Matrix<float> values(rows, cols);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(std::sin(0.7 * static_cast<double>(e)));
    return values;
}

std::shared_ptr<const hsa::Dataset> load(const std::string& path, std::uint64_t map_above) {
    return hsa::load_dataset({{path, "", 0}}, {}, {}, map_above, {});
}

// Tensors "before" (8 bytes), "embeddings" and "after" (4 bytes); the header's padding makes the
// values lie at a multiple of four bytes, and of `odd` at one more.
std::string tensors_of(const Matrix<float>& values, const std::string& dtype = "F32",
                       bool odd = false) {
    const std::size_t end = 8 + values.size() * sizeof(float);
    std::string header = fmt::format(
        R"({{"before":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}},"embeddings":{{"dtype":"{}","shape":[{},{}],"data_offsets":[8,{}]}},"after":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}}}})",
        dtype, values.rows(), values.cols(), end, end, end + 4);
    header.append((odd ? 5 : 4) - header.size() % 4, ' ');
    std::string bytes(8, '\0');
    const auto length = static_cast<std::uint64_t>(header.size());
    std::memcpy(bytes.data(), &length, sizeof length);
    bytes += header + std::string(8, 'b');
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return bytes + std::string(4, 'a');
}

bool same_rows(hsa::MatrixView<const float> a, hsa::MatrixView<const float> b) {
    if (a.rows != b.rows || a.cols != b.cols) return false;
    for (std::size_t i = 0; i < a.rows; ++i)
        for (std::size_t c = 0; c < a.cols; ++c)
            if (a(i, c) != b(i, c)) return false;
    return true;
}

}  // namespace

TEST_CASE("mapped and read a file gives the same data", "[io][mapped]") {
    const io_test::Folder folder;
    // More than one piece of what is looked at between two calls.
    const Matrix<float> values = made_rows(40'000, 70);
    const std::string bytes = hsa::write_npy(values.view());
    io_test::put_file(folder.at("v.npy"), bytes);
    const auto read = load(folder.at("v.npy"), kNever);
    const auto mapped = load(folder.at("v.npy"), 0);
    CHECK(same_rows(mapped->embeddings.rows, values.view()));
    CHECK(same_rows(read->embeddings.rows, values.view()));
    CHECK(mapped->hash == hsa::hash_text(bytes));
    CHECK(read->hash == mapped->hash);
    CHECK(read->embedding_id == mapped->embedding_id);
    CHECK(read->understood == mapped->understood);
    CHECK(read->bytes == mapped->bytes);
    CHECK(read->dtype == "float32");
    CHECK(mapped->types == read->types);
    // Neither is a copy of what was opened.
    const FileBytes in_memory(bytes);
    const hsa::Dataset own = hsa::open_embeddings("v.npy", in_memory);
    CHECK(reinterpret_cast<const char*>(own.embeddings.rows.data) ==
          in_memory.view().data() + hsa::read_npy_header("v.npy", bytes).data_offset);
    CHECK(own.embeddings.owner == in_memory.owner());
    CHECK(own.hash == mapped->hash);
}

TEST_CASE("a matrix of a .safetensors is used where it lies", "[io][mapped]") {
    const io_test::Folder folder;
    const Matrix<float> values = made_rows(40'000, 70);
    const std::string bytes = tensors_of(values);
    io_test::put_file(folder.at("v.safetensors"), bytes);
    CHECK(hsa::read_or_map(folder.at("v.safetensors"), 0).mapped());
    const auto read = load(folder.at("v.safetensors"), kNever);
    const auto mapped = load(folder.at("v.safetensors"), 0);
    CHECK(same_rows(mapped->embeddings.rows, values.view()));
    CHECK(same_rows(read->embeddings.rows, values.view()));
    CHECK(mapped->hash == hsa::hash_text(bytes));
    CHECK(read->hash == mapped->hash);
    CHECK(read->understood == mapped->understood);
    const FileBytes in_memory(bytes);
    const hsa::Dataset own = hsa::open_embeddings("v.safetensors", in_memory);
    CHECK(own.embeddings.owner == in_memory.owner());
    CHECK(own.hash == mapped->hash);
    // What cannot be used there is copied.
    const Matrix<float> few = made_rows(30, 4);
    io_test::put_file(folder.at("odd.safetensors"), tensors_of(few, "F32", true));
    const auto odd = load(folder.at("odd.safetensors"), 0);
    CHECK(same_rows(odd->embeddings.rows, few.view()));
    CHECK(odd->hash == hsa::hash_text(tensors_of(few, "F32", true)));
    // Refused in the same words.
    Matrix<float> broken = made_rows(50, 6);
    broken(31, 4) = std::numeric_limits<float>::quiet_NaN();
    io_test::put_file(folder.at("n.safetensors"), tensors_of(broken));
    const std::string said = complaint_of([&] { (void)load(folder.at("n.safetensors"), 0); });
    CHECK(said.find("tensor 'embeddings': row 31, column 4 (from 0) is NaN") != std::string::npos);
    CHECK(complaint_of([&] { (void)load(folder.at("n.safetensors"), kNever); }) == said);
    CHECK(complaint_of([&] {
              (void)hsa::open_embeddings(folder.at("n.safetensors"), tensors_of(broken));
          }) == said);
    io_test::put_file(folder.at("cut.safetensors"), bytes.substr(0, bytes.size() - 5));
    check_fails([&] { (void)load(folder.at("cut.safetensors"), 0); }, {"lie outside"});
}

TEST_CASE("only large arrays whose values can be used where they lie are mapped", "[io][mapped]") {
    const io_test::Folder folder;
    const std::string bytes = hsa::write_npy(made_rows(30, 4).view());
    const auto mapped = [&](const std::string& content, std::uint64_t map_above) {
        io_test::put_file(folder.at("v"), content);
        const FileBytes file = hsa::read_or_map(folder.at("v"), map_above);
        CHECK(file.view() == content);
        return file.mapped();
    };
    CHECK(mapped(bytes, bytes.size() - 1));
    CHECK_FALSE(mapped(bytes, bytes.size()));
    CHECK_FALSE(mapped(hsa::write_npy(Matrix<double>(30, 4, 0.5).view()), 0));
    std::string fortran = bytes;
    fortran.replace(fortran.find("False"), 5, "True ");
    CHECK_FALSE(mapped(fortran, 0));
    std::string odd = bytes;  // a header one byte longer: no float lies at a multiple of four
    odd.insert(odd.find('\n'), 1, ' ');
    odd[8] = static_cast<char>(odd[8] + 1);
    CHECK_FALSE(mapped(odd, 0));
    CHECK(same_rows(load(folder.at("v"), 0)->embeddings.rows, made_rows(30, 4).view()));
    CHECK_FALSE(mapped("a text", 0));
    CHECK_FALSE(mapped("\x93NUMPY", 0));
}

TEST_CASE("a mapped file is refused in the same words as one that is read", "[io][mapped]") {
    const io_test::Folder folder;
    const std::string path = folder.at("v.npy");
    const auto said = [&](const std::string& bytes, const std::string& part) {
        io_test::put_file(path, bytes);
        const std::string read = complaint_of([&] { (void)load(path, kNever); });
        INFO(read);
        CHECK(read.find(part) != std::string::npos);
        CHECK(complaint_of([&] { (void)load(path, 0); }) == read);
        CHECK(complaint_of([&] { (void)hsa::read_npy(path, bytes); }) == read);
    };
    Matrix<float> values = made_rows(50, 6);
    const std::string whole = hsa::write_npy(values.view());
    values(31, 4) = std::numeric_limits<float>::quiet_NaN();
    values(40, 1) = std::numeric_limits<float>::infinity();
    said(hsa::write_npy(values.view()), "row 31, column 4 (from 0) is NaN");
    values(31, 4) = 0.0F;
    said(hsa::write_npy(values.view()), "row 40, column 1 (from 0) is infinity");
    said(whole.substr(0, whole.size() - 1), "truncated");
    said(whole.substr(0, 140), "truncated");
    said(whole.substr(0, 60), "v.npy");
    said(whole + "x", "1 bytes follow");
    said(hsa::write_npy(Matrix<float>(0, 3).view()), "no rows");
    io_test::put_file(path, "");
    CHECK(MappedFile::open(path) == nullptr);
    CHECK(MappedFile::open(folder.at("")) == nullptr);
    CHECK(MappedFile::open(folder.at("none")) == nullptr);
    CHECK(complaint_of([&] { (void)load(path, 0); }).find("empty") != std::string::npos);
}

TEST_CASE("a mapped file may be replaced, and cut short it is told", "[io][mapped]") {
    const io_test::Folder folder;
    const Matrix<float> values = made_rows(4000, 8);
    const std::string bytes = hsa::write_npy(values.view());
    for (const char* name : {"kept.npy", "cut.npy"}) io_test::put_file(folder.at(name), bytes);
    const auto kept = load(folder.at("kept.npy"), 0);
    const auto cut = load(folder.at("cut.npy"), 0);
    hsa::write_file(folder.at("kept.npy"), "other", hsa::Existing::replace);
    CHECK(same_rows(kept->embeddings.rows, values.view()));
    CHECK_NOTHROW(hsa::finish_reading(cut->embeddings.owner));

    std::filesystem::resize_file(folder.at("cut.npy"), 5000);
    CHECK(cut->embeddings.rows(0, 1) == values(0, 1));
    CHECK(cut->embeddings.rows(3999, 7) == 0.0F);
    check_fails([&] { hsa::finish_reading(cut->embeddings.owner); }, {"cut.npy", "became shorter"});
    CHECK_NOTHROW(hsa::finish_reading(kept->embeddings.owner));
    CHECK_NOTHROW(hsa::finish_reading(nullptr));
}

TEST_CASE("files beyond the number that can be mapped are read", "[io][mapped]") {
    const io_test::Folder folder;
    io_test::put_file(folder.at("v.npy"), hsa::write_npy(made_rows(3, 2).view()));
    std::vector<std::shared_ptr<const MappedFile>> open;
    while (auto file = MappedFile::open(folder.at("v.npy"))) open.push_back(std::move(file));
    CHECK(open.size() <= 64);
    CHECK_FALSE(hsa::read_or_map(folder.at("v.npy"), 0).mapped());
    open.pop_back();
    CHECK(hsa::read_or_map(folder.at("v.npy"), 0).mapped());
}

TEST_CASE("a hash of pieces is that of the whole", "[core][hash]") {
    std::string text;
    for (int i = 0; i < 500; ++i) text += std::to_string(i * i);
    for (const std::size_t piece : {1U, 31U, 32U, 1000U, 5000U}) {
        hsa::HashStream stream;
        for (std::size_t at = 0; at < text.size(); at += piece)
            stream.add(std::string_view(text).substr(at, piece));
        CHECK(stream.value() == hsa::hash_text(text));
    }
    CHECK(hsa::HashStream().value() == hsa::hash_text(""));
}
