#include "engine/io/safetensors.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <cstring>
#include <string>
#include <vector>

namespace {

// A file of this header and these bytes.
std::string file_of(const std::string& header, const std::string& data) {
    const auto length = static_cast<std::uint64_t>(header.size());
    std::string bytes(sizeof(length), '\0');
    std::memcpy(bytes.data(), &length, sizeof(length));
    return bytes + header + data;
}

std::string floats(const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

hsa::Safetensors read(const std::string& bytes) { return {"x.safetensors", hsa::FileBytes(bytes)}; }

std::string refused(const std::string& bytes) {
    try {
        (void)read(bytes);
    } catch (const hsa::Error& error) {
        CHECK(error.kind() == hsa::ErrorKind::input);
        return error.what();
    }
    return "taken";
}

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
           "}";
}

}  // namespace

TEST_CASE("tensors of every floating type are read", "[io][safetensors]") {
    const std::string half("\x00\x3c\x00\xc0\x01\x00", 6);   // 1, -2, 2^-24
    const std::string brain("\x80\x3f\x00\xc0\x20\x41", 6);  // 1, -2, 10
    const std::string header =
        R"({"__metadata__":{"format":"pt"},"w":)" + tensor("F32", "[2,3]", "[0,24]") + R"(,"h":)" +
        tensor("F16", "[3]", "[24,30]") + R"(,"b":)" + tensor("BF16", "[1,3]", "[30,36]") + "}";
    const hsa::Safetensors file = read(file_of(header, floats({1, 2, 3, 4, 5, 6}) + half + brain));
    CHECK(file.tensors().size() == 3);
    const hsa::Matrix<float> w = file.matrix("w", 2, 3);
    CHECK(w(1, 0) == 4.0F);
    const hsa::Matrix<float> h = file.matrix("h", 1, 3);
    CHECK(h(0, 0) == 1.0F);
    CHECK(h(0, 1) == -2.0F);
    CHECK(h(0, 2) == 5.9604645e-8F);
    CHECK(file.matrix("b")(0, 2) == 10.0F);
    CHECK(file.view("h").empty());
    CHECK(file.has("w"));
    CHECK(!file.has("v"));
}

TEST_CASE("a broken header is refused with what is wrong", "[io][safetensors]") {
    const auto has = [](const std::string& sentence, const std::string& words) {
        INFO(sentence);
        CHECK(sentence.starts_with("x.safetensors"));
        CHECK(sentence.find(words) != std::string::npos);
    };
    has(refused("abc"), "it has 3 bytes");
    has(refused(std::string(8, '\xff') + "{}"), "truncated or no .safetensors file");
    has(refused(file_of("[1]", "")), "no JSON object");
    has(refused(file_of("{\"a\"", "")), "not valid JSON");
    has(refused(file_of(R"({"a":3})", "")), "no JSON object");
    has(refused(file_of(R"({"a":{"dtype":"F32","shape":[1]}})", "")), "lacks 'data_offsets'");
    has(refused(file_of("{\"a\":" + tensor("F31", "[1]", "[0,4]") + "}", floats({1}))),
        "'F31' is unknown");
    has(refused(file_of("{\"a\":" + tensor("F32", "[-1]", "[0,4]") + "}", floats({1}))),
        "at least 0");
    has(refused(file_of("{\"a\":" + tensor("F32", "[2]", "[0,8]") + "}", floats({1}))), "outside");
    has(refused(file_of("{\"a\":" + tensor("F32", "[2]", "[0,4]") + "}", floats({1}))),
        "does not have the 4 bytes");
    has(refused(file_of("{\"a\":" + tensor("F32", "[4294967296,4294967296]", "[0,4]") + "}",
                        floats({1}))),
        "does not have the 4 bytes");
    has(refused(file_of("{\"a\":" + tensor("F32", "[2]", "[0,8]") +
                            ",\"b\":" + tensor("F32", "[2]", "[4,12]") + "}",
                        floats({1, 2, 3}))),
        "overlap");
    std::string deep(100000, '[');
    has(refused(file_of(deep, "")), "not valid JSON");
}

TEST_CASE("a tensor that is not as wanted is refused", "[io][safetensors]") {
    const std::string header = "{\"w\":" + tensor("F32", "[2,2]", "[0,16]") +
                               ",\"i\":" + tensor("I64", "[1]", "[16,24]") + "}";
    std::string data = floats({1, 2, 3, 4}) + std::string(8, '\0');
    const hsa::Safetensors file = read(file_of(header, data));
    const auto sentence = [&](auto&& ask) {
        try {
            ask();
        } catch (const hsa::Error& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    CHECK(sentence([&] { (void)file.matrix("v"); }).find("it holds i, w") != std::string::npos);
    CHECK(sentence([&] { (void)file.matrix("w", 2, 3); }).find("(2, 3) is expected") !=
          std::string::npos);
    CHECK(sentence([&] { (void)file.matrix("i"); }).find("type I64") != std::string::npos);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const hsa::Safetensors broken =
        read(file_of("{\"w\":" + tensor("F32", "[1,2]", "[0,8]") + "}", floats({1, nan})));
    CHECK(sentence([&] { (void)broken.matrix("w"); }).find("row 0, column 1 (from 0) is NaN") !=
          std::string::npos);
}
