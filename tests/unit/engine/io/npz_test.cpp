#include "engine/io/npz.h"

#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/npz_file.h"

#include <utility>

using hsa::read_npz;
using io_test::check_fails;
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
    CHECK(arrays.queries->values.cols() == 4);
    CHECK(arrays.values->values.cols() == 8);
    CHECK(arrays.tokens == std::vector<std::string>{"a", "bc"});
    CHECK(arrays.offsets(1, 1) == 3);
    CHECK_FALSE(arrays.embeddings.has_value());
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
