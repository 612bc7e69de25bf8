#include "engine/io/text.h"

#include "tests/unit/engine/io/io_test.h"

using hsa::decode_text;
using hsa::TextEncoding;
using io_test::check_fails;

TEST_CASE("UTF-8 is taken as it is, without its byte order mark", "[io][text]") {
    CHECK(decode_text("a", "caf\xC3\xA9\r\nx").text == "caf\xC3\xA9\r\nx");
    CHECK(decode_text("a", "\xEF\xBB\xBFword").text == "word");
    CHECK(decode_text("a", "\xF0\x9F\x98\x80").encoding == "UTF-8");
}

TEST_CASE("the first byte that is not UTF-8 is named with its offset and a way out", "[io][text]") {
    check_fails([] { (void)decode_text("my book.txt", "good text caf\xE9 bad"); },
                {"my book.txt", "byte 13", "0xE9", "open 'my book.txt' as latin1"});
    // Offsets count from the start of the file, mark included.
    check_fails(
        [] {
            (void)decode_text("a.txt",
                              "\xEF\xBB\xBF"
                              "ab\xFF");
        },
        {"byte 5", "0xFF"});
    CHECK(hsa::first_invalid_utf8("ascii only, longer than eight bytes") == std::nullopt);
    CHECK(hsa::first_invalid_utf8("\xC0\xAF") == 0U);                  // overlong
    CHECK(hsa::first_invalid_utf8("a\xED\xA0\x80") == 1U);             // surrogate
    CHECK(hsa::first_invalid_utf8("12345678\xF4\x90\x80\x80") == 8U);  // beyond U+10FFFF
    CHECK(hsa::first_invalid_utf8("abc\xE2\x82") == 3U);               // cut short
}

TEST_CASE("Latin-1 is read on demand", "[io][text]") {
    const auto decoded = decode_text("a", "caf\xE9 \xFF", TextEncoding::latin1);
    CHECK(decoded.text == "caf\xC3\xA9 \xC3\xBF");
    CHECK(decoded.encoding == "Latin-1");
}

TEST_CASE("UTF-16 is known by its mark", "[io][text]") {
    const std::string little("\xFF\xFEh\0i\0\x3D\xD8\x00\xDE", 10);
    CHECK(decode_text("a", little).text == "hi\xF0\x9F\x98\x80");
    const std::string big("\xFE\xFF\0h\0i", 6);
    CHECK(decode_text("a", big).text == "hi");
    CHECK(decode_text("a", big).encoding == "UTF-16 big-endian");
    check_fails([&] { (void)decode_text("a.txt", little.substr(0, 7)); },
                {"a.txt", "byte 6", "UTF-16"});
    check_fails([&] { (void)decode_text("a.txt", little.substr(0, 8)); }, {"byte 6", "UTF-16"});
    check_fails([] { (void)decode_text("a.txt", std::string("\xFF\xFE\x00\xDC", 4)); }, {"byte 2"});
}

TEST_CASE("binary bytes called .txt are refused", "[io][text]") {
    check_fails([] { (void)decode_text("a.txt", std::string("ELF\0\x01\x02", 6)); },
                {"a.txt", "not text", "byte 3 is NUL", "expected"});
    check_fails([] { (void)decode_text("a.txt", "\x01\x02\x03\x04\x05\x06 word"); },
                {"not text", "control characters"});
    check_fails([] { (void)decode_text("a.txt", std::string("x\0y", 3), TextEncoding::latin1); },
                {"NUL"});
    // One stray control character in a text is no reason.
    CHECK(decode_text("a.txt", "word \x1A").text == "word \x1A");
}

TEST_CASE("a text of white space alone is refused", "[io][text]") {
    check_fails([] { (void)decode_text("a.txt", " \n\t\r\n \xC2\xA0\xE3\x80\x80"); },
                {"a.txt", "white space"});
    check_fails([] { (void)decode_text("a.txt", "\xEF\xBB\xBF"); }, {"white space"});
    CHECK_FALSE(hsa::is_blank(" . "));
}

TEST_CASE("a line of ten megabytes is legal", "[io][text]") {
    std::string line;
    line.resize(10'000'000, 'a');
    CHECK(decode_text("a.txt", line).text.size() == line.size());
}
