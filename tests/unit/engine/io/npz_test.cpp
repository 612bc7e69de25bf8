#include "engine/io/npz.h"

#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/npz_file.h"

#include <limits>
#include <utility>
#include <vector>

using hsa::read_npz;
using io_test::check_fails;
using io_test::npy_of;
using io_test::npz_of;

namespace {

std::string matrix(std::size_t rows, std::size_t cols, float value = 1.0F) {
    return hsa::write_npy(hsa::Matrix<float>(rows, cols, value).view());
}

std::string array(const std::string& descr, const std::string& shape, const std::string& data) {
    const std::string header =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}";
    std::string out("\x93NUMPY\x01", 7);
    out += '\0';
    out += static_cast<char>(header.size());
    out += '\0';
    return out + header + data;
}

}  // namespace

TEST_CASE("the array named embeddings is taken", "[io][npz]") {
    const auto arrays = read_npz("a.npz", npz_of({{"other.npy", matrix(9, 9)},
                                                  {"embeddings.npy", matrix(3, 2, 0.5F)},
                                                  {"notes.txt", "hello"}}));
    REQUIRE(arrays.embeddings.has_value());
    CHECK(arrays.embeddings->values == hsa::Matrix<float>(3, 2, 0.5F));
    CHECK(arrays.ignored == std::vector<std::string>{"notes.txt", "other"});
}

TEST_CASE("the only matrix is taken under any name", "[io][npz]") {
    const auto arrays =
        read_npz("a.npz", npz_of({{"arr_0.npy", matrix(3, 2)},
                                  {"ids.npy", array("<i4", "(1,)", std::string(4, '\1'))},
                                  {"flags.npy", array("|b1", "(1,)", "\1")}}));
    CHECK(arrays.embeddings_member == "arr_0");
    CHECK(arrays.embeddings->values.rows() == 3);
}

TEST_CASE("a head's arrays, tokens and offsets are read", "[io][npz]") {
    const std::string offsets =
        array("<i4", "(2, 2)", std::string("\0\0\0\0\1\0\0\0\1\0\0\0\3\0\0\0", 16));
    const auto arrays =
        read_npz("a.npz", npz_of({{"queries.npy", matrix(2, 4)},
                                  {"keys.npy", matrix(2, 4)},
                                  {"values.npy", matrix(2, 8)},
                                  {"tokens.npy", array("|S2", "(2,)", std::string("a\0bc", 4))},
                                  {"offsets.npy", offsets}}));
    CHECK(arrays.queries->cols() == 4);
    CHECK(arrays.values->cols() == 8);
    CHECK_FALSE(arrays.keys->several);
    CHECK(arrays.tokens == std::vector<std::string>{"a", "bc"});
    CHECK(arrays.offsets(1, 1) == 3);
    CHECK_FALSE(arrays.embeddings.has_value());
}

namespace {

// 0, 1, 2 ... times a step.
std::vector<float> counted(std::size_t count, float step = 1.0F) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = step * static_cast<float>(i);
    return values;
}

}  // namespace

TEST_CASE("an axis of heads, and one of layers, is read layer by layer", "[io][npz][heads]") {
    const auto three =
        read_npz("a.npz", npz_of({{"queries.npy", npy_of("(3, 4, 2)", counted(24))},
                                  {"keys.npy", npy_of("(3, 4, 2)", counted(24, -1.0F))},
                                  {"values.npy", npy_of("(3, 4, 5)", counted(60))}}));
    CHECK(three.queries->several);
    CHECK(three.queries->layers == 1);
    REQUIRE(three.queries->heads.size() == 3);
    CHECK(three.queries->heads[2](3, 1) == 23.0F);
    CHECK(three.keys->heads[1](0, 1) == -9.0F);
    CHECK(three.values->cols() == 5);

    const auto four =
        read_npz("a.npz", npz_of({{"queries.npy", npy_of("(2, 3, 4, 2)", counted(48))},
                                  {"keys.npy", npy_of("(2, 3, 4, 2)", counted(48))}}));
    CHECK(four.keys->layers == 2);
    REQUIRE(four.keys->heads.size() == 6);
    CHECK(four.keys->heads[5](0, 0) == 40.0F);  // layer 1, head 2

    // Column order: the first index runs fastest.
    const auto columns = hsa::read_npy_stack("a", npy_of("(2, 3, 4, 2)", counted(48), true));
    for (std::size_t layer = 0; layer < 2; ++layer)
        for (std::size_t head = 0; head < 3; ++head)
            for (std::size_t row = 0; row < 4; ++row)
                for (std::size_t col = 0; col < 2; ++col)
                    CHECK(columns.heads[layer * 3 + head](row, col) ==
                          static_cast<float>(layer + 2 * (head + 3 * (row + 4 * col))));
}

TEST_CASE("heads that cannot belong together are refused", "[io][npz][heads]") {
    const auto refuses = [](const std::string& queries, std::size_t q, const std::string& keys,
                            std::size_t k, const std::vector<std::string>& parts) {
        check_fails(
            [&] {
                (void)read_npz("a.npz", npz_of({{"queries.npy", npy_of(queries, counted(q))},
                                                {"keys.npy", npy_of(keys, counted(k))}}));
            },
            parts);
    };
    refuses("(2, 4, 2)", 16, "(3, 4, 2)", 24,
            {"'keys' holds 1 layer of 3 heads", "'queries' 1 layer of 2 heads", "numpy.repeat"});
    refuses("(2, 3, 4, 2)", 48, "(3, 2, 4, 2)", 48, {"3 layers of 2 heads", "2 layers of 3"});
    refuses("(2, 4, 2)", 16, "(4, 2)", 8, {"1 layer of 1 head ", "1 layer of 2 heads"});
    refuses("(2, 4, 2)", 16, "(2, 3, 2)", 12, {"'keys' has 3 rows", "'queries' has 4"});
    refuses("(2, 4, 2)", 16, "(2, 4, 1)", 8, {"2 columns", "'keys' has 1"});
    refuses("(1, 1, 2, 2, 2)", 8, "(2, 2)", 4, {"(1, 1, 2, 2, 2)", "[layers, heads, tokens"});
    refuses("(2, 0, 2)", 0, "(2, 2)", 4, {"queries", "length 0"});
    std::vector<float> broken = counted(16);
    broken[13] = std::numeric_limits<float>::quiet_NaN();
    check_fails([&] { (void)hsa::read_npy_stack("a", npy_of("(2, 4, 2)", broken)); },
                {"layer 0, head 1", "row 2, column 1", "NaN"});
    check_fails(
        [] {
            (void)read_npz("a.npz", npz_of({{"queries.npy", npy_of("(2, 4, 2)", counted(16))},
                                            {"keys.npy", npy_of("(2, 4, 2)", counted(16))},
                                            {"values.npy", npy_of("(4, 2)", counted(8))}}));
        },
        {"'values' holds 1 layer of 1 head", "'keys' 1 layer of 2 heads"});
}

TEST_CASE("arrays that cannot belong together are refused", "[io][npz]") {
    check_fails(
        [] {
            (void)read_npz("a.npz",
                           npz_of({{"queries.npy", matrix(2, 4)}, {"keys.npy", matrix(3, 4)}}));
        },
        {"a.npz", "'keys' has 3 rows", "'queries' has 2"});
    check_fails(
        [] {
            (void)read_npz("a.npz",
                           npz_of({{"queries.npy", matrix(2, 4)}, {"keys.npy", matrix(2, 5)}}));
        },
        {"4 columns", "'keys' has 5"});
    check_fails(
        [] {
            (void)read_npz("a.npz", npz_of({{"embeddings.npy", matrix(3, 4)},
                                            {"tokens.npy", array("|S1", "(2,)", "ab")}}));
        },
        {"'tokens' has 2 rows", "'embeddings' has 3"});
    check_fails(
        [] {
            (void)read_npz("a.npz", npz_of({{"embeddings.npy", matrix(1, 4)},
                                            {"offsets.npy", array("|i1", "(1, 2)", "\5\3")}}));
        },
        {"offsets", "row 0", "5 .. 3", "begin <= end"});
}

TEST_CASE("an archive without a clear matrix is refused", "[io][npz]") {
    check_fails(
        [] {
            (void)read_npz("a.npz", npz_of({{"a.npy", matrix(2, 2)}, {"b.npy", matrix(2, 2)}}));
        },
        {"a.npz", "2 matrices", "embeddings"});
    check_fails(
        [] {
            (void)read_npz("a.npz", npz_of({{"readme.txt", "x"}}));
        },
        {"a.npz", "no array", "numpy.savez"});
    check_fails(
        [] {
            (void)read_npz("a.npz", npz_of({{"x.npy", array("<c8", "(1, 1)", "12345678")}}));
        },
        {"a.npz: x", "complex"});
    check_fails(
        [] {
            (void)read_npz("a.npz", npz_of({{"embeddings.npy", "hello"}}));
        },
        {"a.npz: embeddings", "not a .npy"});
}

TEST_CASE("a broken archive is refused", "[io][npz]") {
    const std::string whole = npz_of({{"embeddings.npy", matrix(30, 20)}});
    check_fails([&] { (void)read_npz("a.npz", whole.substr(0, whole.size() / 2)); },
                {"a.npz", "not a whole .npz"});
    check_fails([] { (void)read_npz("a.npz", "PK\x03\x04 nothing more"); }, {"a.npz"});
    std::string flipped = whole;
    flipped[70] = static_cast<char>(flipped[70] ^ 0x55);
    check_fails([&] { (void)read_npz("a.npz", flipped); }, {"a.npz"});
}

TEST_CASE("a mask says which tokens are padding", "[io][npz][mask]") {
    const auto with_mask = [](const std::string& mask) {
        return npz_of({{"embeddings.npy", matrix(3, 2)}, {"mask.npy", mask}});
    };
    for (const char* shape : {"(3,)", "(1, 3)", "(3, 1)"}) {
        const auto arrays = read_npz("a.npz", with_mask(array("|i1", shape, {"\1\0\1", 3})));
        CHECK(arrays.mask_rows == 3);
        CHECK(arrays.masked == std::vector<std::uint32_t>{1});
        CHECK(arrays.ignored.empty());
    }
    CHECK(read_npz("a.npz", with_mask(array("|i1", "(3,)", "\1\1\1"))).masked.empty());
    const auto refuse = [&](const std::string& mask, const std::vector<std::string>& words) {
        check_fails([&] { (void)read_npz("a.npz", with_mask(mask)); }, words);
    };
    refuse(array("|i1", "(2,)", "\1\1"), {"'mask' has 2 rows", "'embeddings' has 3"});
    refuse(array("|i1", "(3,)", {"\0\0\0", 3}), {"a.npz: mask", "all 3 numbers are 0"});
    refuse(array("|i1", "(3,)", "\1\2\1"), {"a.npz: mask", "number 1", "is 2", "0 for padding"});
    refuse(array("|i1", "(3, 3)", std::string(9, '\1')), {"(3, 3)", "one number a token"});
    refuse(array("|S1", "(3,)", "abc"), {"mask", "text"});
}

TEST_CASE("attention of the same tokens is told of, not read", "[io][npz]") {
    const std::vector<float> flat(std::size_t{2} * 3 * 4 * 4, 0.25F);
    const std::string dump = npy_of("(2, 3, 4, 4)", flat);
    const auto arrays =
        read_npz("a.npz", npz_of({{"attention.npy", dump}, {"embeddings.npy", matrix(4, 2)}}));
    CHECK(arrays.attention == std::vector<std::uint64_t>{2, 3, 4, 4});
    CHECK(arrays.embeddings_member == "embeddings");
    CHECK(arrays.ignored.empty());
    // No limit is spent on it.
    CHECK(read_npz("a.npz", npz_of({{"attention.npy", dump}, {"x.npy", matrix(4, 2)}}), 400)
              .embeddings_member == "x");
    check_fails(
        [&] {
            (void)read_npz("a.npz",
                           npz_of({{"attention.npy", dump}, {"embeddings.npy", matrix(5, 2)}}));
        },
        {"'attention' has 4 rows but 'embeddings' has 5"});
    check_fails(
        [&] {
            (void)read_npz("a.npz", npz_of({{"attention.npy", dump}}));
        },
        {"a.npz", "attention and no vectors", "first"});
    // What is no such array is as any other.
    CHECK(read_npz("a.npz", npz_of({{"attention.npy", matrix(4, 2)}})).embeddings_member ==
          "attention");
}

TEST_CASE("a matrix of the attention in an archive is read", "[io][npz][target]") {
    std::vector<float> values(std::size_t{2} * 3 * 2 * 2);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    const std::string bytes = npz_of({{"attention.npy", npy_of("(2, 3, 2, 2)", values)}});
    const hsa::Matrix<float> head = hsa::read_npz_attention("a.npz", bytes, 1, 2, 2);
    CHECK(head(0, 0) == 20.0F);
    CHECK(head(1, 1) == 23.0F);
    check_fails([&] { (void)hsa::read_npz_attention("a.npz", bytes, 2, 0, 2); },
                {"a.npz: attention", "no layer 2"});
    check_fails([&] { (void)hsa::read_npz_attention("a.npz", bytes, 0, 0, 3); },
                {"expected 3 x 3"});
    check_fails(
        [&] {
            (void)hsa::read_npz_attention("a.npz", npz_of({{"x.npy", matrix(2, 2)}}), 0, 0, 2);
        },
        {"no array 'attention'"});
    const io_test::Folder folder;
    const auto outline = [&](const std::string& content) {
        io_test::put_file(folder.at("a.npz"), content);
        return hsa::outline_npz(folder.at("a.npz"));
    };
    CHECK(outline(bytes).attention);
    CHECK_FALSE(outline(bytes).vectors);
    CHECK_FALSE(outline(npz_of({{"attention.npy", matrix(2, 3)}})).attention);
    const hsa::NpzOutline both =
        outline(npz_of({{"attention.npy", matrix(2, 2)}, {"keys.npy", matrix(2, 3)}}));
    CHECK(both.attention);
    CHECK(both.heads);
    CHECK(both.vectors);
    CHECK_FALSE(outline(bytes.substr(0, bytes.size() / 2)).attention);
    CHECK_FALSE(outline("PK").attention);
    CHECK_FALSE(hsa::outline_npz(folder.at("none.npz")).attention);
}
