#include "engine/io/npy.h"

#include "tests/unit/engine/io/io_test.h"

#include <limits>
#include <string_view>

using hsa::read_npy;
using io_test::check_fails;

namespace {

std::string npy_bytes(const std::string& header, const std::string& data, char version = 1) {
    std::string out("\x93NUMPY");
    out += version;
    out += '\0';
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
        out += static_cast<char>((header.size() >> (8 * i)) & 0xFFU);
    }
    return out + header + data;
}

template <class T>
std::string raw(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
std::string npy_of(const std::string& descr, const std::string& shape, const std::vector<T>& values,
                   bool fortran = false) {
    return npy_bytes("{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
                         ", 'shape': " + shape + ", }\n",
                     raw(values));
}

std::vector<float> values_of(const hsa::NpyMatrix& matrix) {
    return {matrix.values.data(), matrix.values.data() + matrix.values.size()};
}

const std::vector<float> kSix = {1, 2, 3, 4, 5, 6};

}  // namespace

TEST_CASE("every supported type gives its numbers", "[io][npy]") {
    CHECK(values_of(read_npy("a", npy_of<float>("<f4", "(2, 3)", kSix))) == kSix);
    CHECK(values_of(read_npy("a", npy_of<double>("<f8", "(2, 3)", {1, 2, 3, 4, 5, 6}))) == kSix);
    CHECK(values_of(read_npy("a", npy_of<std::int8_t>("|i1", "(1, 2)", {-1, 127}))) ==
          std::vector<float>{-1, 127});
    CHECK(values_of(read_npy("a", npy_of<std::int32_t>("<i4", "(1, 2)", {-70000, 7}))) ==
          std::vector<float>{-70000, 7});
    CHECK(values_of(read_npy("a", npy_of<std::int64_t>("<i8", "(2L, 1L)", {-5, 1 << 20}))) ==
          std::vector<float>{-5, 1 << 20});
    // 1, -2, 65504 (the largest), 2^-24 (the smallest).
    CHECK(values_of(read_npy(
              "a", npy_of<std::uint16_t>("<f2", "(2, 2)", {0x3C00, 0xC000, 0x7BFF, 0x0001}))) ==
          std::vector<float>{1, -2, 65504, 5.9604644775390625e-8F});
    CHECK(read_npy("a", npy_of<double>("<f8", "(1, 1)", {1})).dtype == "float64");
}

TEST_CASE("Fortran order is turned into rows", "[io][npy]") {
    const auto matrix = read_npy("a", npy_of<float>("<f4", "(2, 3)", {1, 4, 2, 5, 3, 6}, true));
    CHECK(matrix.values.rows() == 2);
    CHECK(values_of(matrix) == kSix);
}

TEST_CASE("format versions 1 to 3 are read", "[io][npy]") {
    const std::string header = "{\"shape\": (1, 2), 'fortran_order': False, 'descr': '<f4'}";
    for (const char version : {'\1', '\2', '\3'}) {
        CHECK(values_of(read_npy("a", npy_bytes(header, raw<float>({1, 2}), version))) ==
              std::vector<float>{1, 2});
    }
    check_fails([&] { (void)read_npy("a.npy", npy_bytes(header, "", '\4')); },
                {"a.npy", "version 4.0", "expected version 1, 2 or 3"});
}

TEST_CASE("what is written reads back bit for bit", "[io][npy]") {
    hsa::Matrix<float> values(3, 2);
    for (std::size_t i = 0; i < 6; ++i) values.data()[i] = 0.1F * static_cast<float>(i) - 0.2F;
    const std::string bytes = hsa::write_npy(values.view());
    CHECK(read_npy("a", bytes).values == values);
    CHECK(hsa::read_npy_header("a", bytes).data_offset % 64 == 0);
    hsa::Matrix<double> wide(2, 2, 0.1);
    const std::string wide_bytes = hsa::write_npy(wide.view());
    CHECK(hsa::read_npy_header("a", wide_bytes).dtype == "float64");
    CHECK(wide_bytes.substr(wide_bytes.size() - 32) ==
          std::string_view(reinterpret_cast<const char*>(wide.data()), 32));
    // A view with a stride writes only its own columns.
    const hsa::MatrixView<const float> first_column(values.data(), 3, 1, 2);
    CHECK(read_npy("a", hsa::write_npy(first_column)).values.cols() == 1);
}

TEST_CASE("unsupported types are named with what is supported", "[io][npy]") {
    const auto refuse = [](const std::string& descr, const std::string& what) {
        check_fails(
            [&] { (void)read_npy("a.npy", npy_of<float>(descr, "(1, 1)", {1})); },
            {"a.npy", descr, what, "expected little-endian float16, float32, float64, int8"});
    };
    refuse(">f4", "big-endian");
    refuse(">i8", "big-endian");
    refuse("<c8", "complex");
    refuse("|b1", "truth values");
    refuse("|u1", "unsigned");
    refuse("|O", "Python objects");
    refuse("<i2", "not supported");
    refuse("<f16", "not supported");
    check_fails(
        [] {
            (void)read_npy("a.npy",
                           npy_bytes("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': "
                                     "(1,), }",
                                     raw<float>({1})));
        },
        {"a.npy", "records", "expected plain numbers"});
}

TEST_CASE("only matrices with rows and columns are embeddings", "[io][npy]") {
    check_fails([] { (void)read_npy("a.npy", npy_of<float>("<f4", "(6,)", kSix)); },
                {"a.npy", "1 dimension", "(6,)", "expected a matrix"});
    check_fails([] { (void)read_npy("a.npy", npy_of<float>("<f4", "(1, 2, 3)", kSix)); },
                {"3 dimensions", "(1, 2, 3)"});
    check_fails([] { (void)read_npy("a.npy", npy_of<float>("<f4", "()", {1})); }, {"0 dimensions"});
    check_fails([] { (void)read_npy("a.npy", npy_of<float>("<f4", "(0, 4)", {})); },
                {"no rows", "(0, 4)"});
    check_fails([] { (void)read_npy("a.npy", npy_of<float>("<f4", "(4, 0)", {})); },
                {"no columns", "(4, 0)"});
}

TEST_CASE("a truncated array is refused, whatever its header claims", "[io][npy]") {
    const std::string whole = npy_of<float>("<f4", "(2, 3)", kSix);
    check_fails([&] { (void)read_npy("a.npy", whole.substr(0, whole.size() - 1)); },
                {"a.npy", "truncated", "(2, 3) float32", "24 bytes", "only 23"});
    check_fails([&] { (void)read_npy("a.npy", whole + "x"); }, {"1 bytes follow", "one array"});
    check_fails(
        [] { (void)read_npy("a.npy", npy_of<float>("<f4", "(1000000000, 1000000000)", kSix)); },
        {"truncated", "(1000000000, 1000000000)", "4000000000000000000 bytes", "only 24"});
    check_fails(
        [] { (void)read_npy("a.npy", npy_of<float>("<f4", "(4294967296, 4294967297)", kSix)); },
        {"truncated", "more bytes than any file"});
    check_fails(
        [] { (void)read_npy("a.npy", npy_of<float>("<f4", "(99999999999999999999, 1)", kSix)); },
        {"a.npy", "too large"});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = [&] { (void)read_npy("a.npy", whole.substr(0, size)); };
        CHECK_FALSE(io_test::complaint_of(cut).empty());
    }
}

TEST_CASE("a broken header is refused", "[io][npy]") {
    const auto refuse = [](const std::string& header, const std::string& what) {
        check_fails([&] { (void)read_npy("a.npy", npy_bytes(header, "")); },
                    {"a.npy", "header", what});
    };
    refuse("", "no '{'");
    refuse("{'descr': '<f4'}", "no 'descr', 'fortran_order' or 'shape'");
    refuse("{'descr': '<f4", "quote that does not end");
    refuse("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1, 1)}", "neither True nor False");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1)}", "no whole number");
    refuse("{'colour': 'red'}", "unknown key 'colour'");
    check_fails([] { (void)read_npy("a.npy", "1 2 3"); }, {"a.npy", "not a .npy file"});
}

TEST_CASE("NaN, infinity and numbers beyond float32 are found with row and column", "[io][npy]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    check_fails(
        [&] {
            (void)read_npy("a.npy", npy_of<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, nan}));
        },
        {"a.npy", "row 1, column 2", "NaN", "expected finite"});
    check_fails(
        [&] {
            (void)read_npy("a.npy", npy_of<float>("<f4", "(3, 2)", {1, 2, 3, -infinity, 5, 6}));
        },
        {"row 1, column 1", "-infinity"});
    check_fails(
        [] {
            (void)read_npy("a.npy", npy_of<double>("<f8", "(1, 2)", {1, 1e300}));
        },
        {"row 0, column 1", "1e+300", "beyond"});
    check_fails(
        [&] {
            (void)read_npy("a.npy", npy_of<float>("<f4", "(2, 2)", {1, nan, 3, 4}, true));
        },
        {"row 1, column 0", "NaN"});
    check_fails([] { (void)read_npy("a.npy", npy_of<std::uint16_t>("<f2", "(1, 1)", {0x7C00})); },
                {"row 0, column 0", "infinity"});
}

TEST_CASE("whole numbers and strings are read for offsets and tokens", "[io][npy]") {
    const auto numbers =
        hsa::read_npy_integers("a", npy_of<std::int64_t>("<i8", "(2, 2)", {0, 3, 4, 7}));
    CHECK(numbers(1, 0) == 4);
    CHECK(hsa::read_npy_integers("a", npy_of<std::int8_t>("|i1", "(2,)", {-3, 3}))(0, 0) == -3);
    check_fails([] { (void)hsa::read_npy_integers("a", npy_of<float>("<f4", "(1,)", {1})); },
                {"float32", "whole numbers"});
    const auto words = hsa::read_npy_strings(
        "a", npy_of<std::uint32_t>("<U3", "(2,)", {'h', 'i', 0, 0x1F600, 0, 0}));
    CHECK(words == std::vector<std::string>{"hi", "\xF0\x9F\x98\x80"});
    CHECK(hsa::read_npy_strings("a", npy_bytes("{'descr': '|S2', 'fortran_order': False, 'shape': "
                                               "(2,)}",
                                               std::string("a\0bc", 4))) ==
          std::vector<std::string>{"a", "bc"});
    check_fails(
        [] { (void)hsa::read_npy_strings("a", npy_of<std::uint32_t>("<U1", "(1,)", {0xD800})); },
        {"string 0", "0xD800"});
    check_fails([] { (void)read_npy("a.npy", npy_of<std::uint32_t>("<U1", "(1, 1)", {65})); },
                {"holds text", "expected numbers"});
}
