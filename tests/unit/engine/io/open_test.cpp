#include "engine/io/open.h"

#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "tests/unit/engine/io/io_test.h"

using hsa::Dataset;
using hsa::open_embeddings;
using io_test::check_fails;

TEST_CASE("a table becomes data with labels and types", "[io][open]") {
    const Dataset data =
        open_embeddings("birds.tsv", "bird\tx\ty\ngull\t1\t2\ntern\t3\t4\ngull\t5\t6\n");
    CHECK(data.size() == 3);
    CHECK(data.embeddings.rows(2, 1) == 6.0F);
    CHECK(data.labels == std::vector<std::string>{"gull", "tern", "gull"});
    CHECK(data.types == std::vector<std::uint32_t>{0, 1, 0});
    CHECK(data.type_names == std::vector<std::string>{"gull", "tern"});
    CHECK(data.understood ==
          "3 rows, 2 columns, float32, 36 bytes, 0 NaN, header skipped, labels from column 1");
    CHECK(data.source == "birds.tsv");
    CHECK(data.embedding_id.substr(0, 5) == "file:");
    CHECK_FALSE(data.ordered);
    CHECK(data.text == nullptr);
}

TEST_CASE("an array becomes data without words", "[io][open]") {
    hsa::Matrix<double> values(2, 3, 0.25);
    const std::string bytes = hsa::write_npy(values.view());
    const Dataset data = open_embeddings("v.npy", bytes);
    CHECK(data.dtype == "float64");
    CHECK(data.bytes == bytes.size());
    CHECK(
        data.understood ==
        fmt::format("2 rows, 3 columns, float64, {} bytes, 0 NaN, used as float32", bytes.size()));
    CHECK(data.types == std::vector<std::uint32_t>{0, 1});
    CHECK(data.type_names.size() == 2);
    CHECK(data.hash !=
          open_embeddings("v.npy", hsa::write_npy(hsa::Matrix<double>(2, 3, 0.5).view())).hash);
    CHECK(data.hash == open_embeddings("w.npy", bytes).hash);
}

TEST_CASE("one row and equal rows are legal", "[io][open]") {
    CHECK(open_embeddings("a.csv", "1,2,3\n").size() == 1);
    CHECK(open_embeddings("a.csv", "1,2\n1,2\n").size() == 2);
}

TEST_CASE("files of another kind are refused", "[io][open]") {
    check_fails([] { (void)open_embeddings("a.png", "\x89PNG\r\n\x1A\n"); },
                {"a.png", "PNG picture", "expected .npy"});
    check_fails([] { (void)open_embeddings("a.npy", "words"); }, {"a.npy", "not a .npy file"});
    check_fails([] { (void)open_embeddings("a.csv", "words\nand words\n"); },
                {"no column holds numbers"});
}

namespace {

// A .safetensors file of one header and float32 values.
std::string tensors_of(const std::string& header, const std::vector<float>& values) {
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size());
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return bytes;
}

}  // namespace

TEST_CASE("a tensor is chosen, or named", "[io][open]") {
    const std::string two = R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                            R"("b":{"dtype":"F32","shape":[1,3],"data_offsets":[16,28]}})";
    const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7};
    const std::string file = tensors_of(two, values);
    check_fails([&] { (void)open_embeddings("m.safetensors", file); },
                {"2 of its tensors", "'a' (2, 2) F32, 'b' (1, 3) F32", "as tensor:NAME"});
    const auto named = [&](const std::string& name) {
        return open_embeddings("m.safetensors", file, hsa::TextEncoding::automatic, name);
    };
    CHECK(named("b").embeddings.rows(0, 2) == 7.0F);
    CHECK(named("a").embeddings.rows(1, 0) == 3.0F);
    CHECK(named("a").hash != named("b").hash);
    CHECK(named("a").understood ==
          fmt::format("2 rows, 2 columns, float32, {} bytes, 0 NaN, tensor 'a', 1 other not used",
                      file.size()));
    check_fails([&] { (void)named("c"); }, {"no tensor 'c'", "a, b"});
    std::string usual = two;
    usual.replace(usual.find("\"b\""), 3, "\"embeddings\"");
    CHECK(open_embeddings("x", tensors_of(usual, values)).size() == 1);
    const std::string line = R"({"a":{"dtype":"F32","shape":[7],"data_offsets":[0,28]}})";
    check_fails([&] { (void)open_embeddings("m", tensors_of(line, values)); },
                {"none of its tensors"});
    check_fails(
        [&] {
            (void)open_embeddings("m", tensors_of(line, values), hsa::TextEncoding::automatic, "a");
        },
        {"'a' has the shape (7,)", "expected a matrix"});
    check_fails([] { (void)open_embeddings("a.csv", "1,2\n", hsa::TextEncoding::automatic, "x"); },
                {"a table", "no part named 'x'"});
}

TEST_CASE("sizes are told in words", "[io][open]") {
    CHECK(hsa::size_text(0) == "0 bytes");
    CHECK(hsa::size_text(1023) == "1023 bytes");
    CHECK(hsa::size_text(30'720) == "30 KB");
    CHECK(hsa::size_text(1'610'613) == "1.5 MB");
}

TEST_CASE("the sample of embeddings opens", "[io][open]") {
    const std::string path = std::string(SPLATSCOPE_SOURCE_DIR) + "/assets/samples/creatures.tsv";
    const Dataset data = open_embeddings("sample:creatures.tsv", hsa::read_file(path));
    CHECK(data.size() > 100);
    CHECK(data.labels.size() == data.size());
    CHECK(data.type_names.size() < data.size());
}
