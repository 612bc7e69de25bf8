#include "engine/io/compressed.h"

#include "engine/io/file.h"
#include "engine/io/grown_bytes.h"
#include "engine/io/npz.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/npz_file.h"
#include "tests/unit/engine/io/packed.h"

using hsa::unpack;
using io_test::check_fails;
using io_test::gzip_of;
using io_test::zstd_of;

namespace {

std::string some_text(std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += fmt::format("line {} of the log\n", i * i);
    return text;
}

}  // namespace

TEST_CASE("what was packed comes back", "[io][compressed]") {
    for (const std::size_t lines : {1U, 100U, 50000U}) {
        const std::string text = some_text(lines);
        CHECK(unpack("a.gz", gzip_of(text)) == text);
        CHECK(unpack("a.zst", zstd_of(text)) == text);
    }
}

TEST_CASE("members one after another are one content", "[io][compressed]") {
    CHECK(unpack("a.gz", gzip_of("one ") + gzip_of("two")) == "one two");
    CHECK(unpack("a.zst", zstd_of("one ") + zstd_of("two")) == "one two");
    CHECK(unpack("a.gz", gzip_of("padded") + std::string(100, '\0')) == "padded");
    // A frame to be skipped.
    CHECK(unpack("a.zst", std::string("\x50\x2A\x4D\x18\x02\0\0\0ab", 10) + zstd_of("x")) == "x");
}

TEST_CASE("packed files that are damaged are refused", "[io][compressed]") {
    const std::string text = some_text(5000);
    for (const std::string& packed : {gzip_of(text), zstd_of(text)}) {
        for (const std::size_t size : {packed.size() / 2, packed.size() - 1, packed.size() - 6})
            check_fails([&] { (void)unpack("a", packed.substr(0, size)); }, {"a", "truncated"});
        check_fails([&] { (void)unpack("a", packed + "more"); },
                    {"4 bytes that are no", "follow its end"});
        std::string wrong = packed;
        wrong[packed.size() - 5] = static_cast<char>(wrong[packed.size() - 5] ^ 1);
        CHECK_FALSE(io_test::complaint_of([&] { (void)unpack("a", wrong); }).empty());
    }
    std::string sum = gzip_of("words");
    sum[sum.size() - 6] = static_cast<char>(sum[sum.size() - 6] ^ 1);
    check_fails([&] { (void)unpack("a.gz", sum); }, {"damaged .gz", "incorrect data check"});
    sum = zstd_of("words");
    sum.back() = static_cast<char>(sum.back() ^ 1);
    check_fails([&] { (void)unpack("a.zst", sum); }, {"damaged .zst", "checksum"});
    check_fails([] { (void)unpack("a.gz", "words"); }, {"neither a .gz nor a .zst"});
    check_fails([] { (void)unpack("a.gz", gzip_of("")); }, {"nothing is in this"});
}

TEST_CASE("bombs are refused at a stated limit", "[io][compressed]") {
    const std::string zeros(std::size_t{1} << 22U, '\0');
    for (const std::string& packed : {gzip_of(zeros), zstd_of(zeros)}) {
        CHECK(unpack("a", packed, zeros.size()) == zeros);
        check_fails([&] { (void)unpack("a", packed, zeros.size() - 1); },
                    {"unpacks to more than", "1,000 times", "256 MB", "16 GB"});
    }
    CHECK(hsa::unpacked_limit(1) == 256ULL << 20U);
    CHECK(hsa::unpacked_limit(10'000'000) == 10'000'000'000ULL);
    CHECK(hsa::unpacked_limit(~0ULL) == 16ULL << 30U);
    const std::string archive = io_test::npz_of(
        {{"embeddings.npy", hsa::write_npy(hsa::Matrix<float>(100, 100, 0.0F).view())}});
    CHECK(hsa::read_npz("a.npz", archive).embeddings.has_value());
    check_fails([&] { (void)hsa::read_npz("a.npz", archive, 40'000); },
                {"a.npz: embeddings", "1,000 times"});
}

TEST_CASE("the beginning of a packed file is enough to know it", "[io][compressed]") {
    const std::string text = some_text(50000);
    for (const std::string& packed : {gzip_of(text), zstd_of(text)}) {
        CHECK(hsa::unpack_beginning(packed, 1000) == text.substr(0, 1000));
        CHECK(hsa::unpack_beginning(packed, 2 * text.size()) == text);
        const std::string part =
            hsa::unpack_beginning(packed.substr(0, packed.size() / 2), 1 << 26);
        CHECK(text.starts_with(part));
    }
    CHECK(hsa::unpack_beginning("words", 10).empty());
    CHECK(hsa::without_packed_ending("a/b.csv.gz") == "a/b.csv");
    CHECK(hsa::without_packed_ending("a/b.csv.zst") == "a/b.csv");
    CHECK(hsa::without_packed_ending(".gz") == ".gz");
}

TEST_CASE("files are unpacked where they are read", "[io][compressed]") {
    const io_test::Folder folder;
    io_test::put_file(folder.at("a.txt.gz"), gzip_of("words of a text"));
    CHECK(hsa::read_file(folder.at("a.txt.gz")) == "words of a text");
    CHECK(hsa::read_beginning(folder.at("a.txt.gz"), 5) == "words");
    io_test::put_file(folder.at("b.gz"), gzip_of("words of a text").substr(0, 20));
    check_fails([&] { (void)hsa::read_file(folder.at("b.gz")); }, {"b.gz", "truncated"});
}

TEST_CASE("bytes that grow take no more than their limit while they do", "[io][compressed]") {
    for (const std::uint64_t limit : {0U, 1U, 7U, 999U, 1024U, 100'001U})
        for (const std::uint64_t first : {1U, 10U, 600U, 5'000'000U}) {
            hsa::GrownBytes bytes(first, limit);
            for (int step = 0; step < 40; ++step) {
                const std::size_t before = bytes.used();
                const std::span<char> room = bytes.room();
                if (room.empty()) break;
                CHECK(2 * before <= limit + 1);  // the old bytes and their copy
                CHECK(before + room.size() <= limit + 1);
                std::fill(room.begin(), room.end(), 'x');
                bytes.add(room.size());
            }
            CHECK(bytes.used() == limit + 1);
            CHECK(bytes.take() == std::string(limit + 1, 'x'));
        }
    hsa::GrownBytes some(100, 1000);
    some.room()[0] = 'a';
    some.add(1);
    CHECK(some.take() == "a");
}
