#include "engine/io/folder.h"

#include "tests/unit/engine/io/io_test.h"

#include <filesystem>

using io_test::check_fails;
using io_test::put_file;

TEST_CASE("the texts of a folder are pieces by path", "[io][folder]") {
    const io_test::Folder folder;
    std::filesystem::create_directory(folder.at("b"));
    std::filesystem::create_directory(folder.at(".git"));
    put_file(folder.at("c.txt"), "Third.\n");
    put_file(folder.at("a.md"), "# First\n\nwords");
    put_file(folder.at("b/x.txt"), "Second.");
    put_file(folder.at("b/picture.png"), "\x89PNG\r\n\x1A\n");
    put_file(folder.at("broken.txt"), "caf\xE9");
    put_file(folder.at("empty.txt"), "");
    put_file(folder.at("table.csv"), "1,2\n3,4\n");
    put_file(folder.at(".git/hidden.txt"), "hidden");
    std::filesystem::create_directory_symlink(folder.at("."), folder.at("b/again"));
    const hsa::TextPieces pieces = hsa::read_folder(folder.at(""), {});
    CHECK(pieces.text == "# First\n\nwords\n\nSecond.\n\nThird.\n");
    REQUIRE(pieces.pieces.size() == 3);
    CHECK(pieces.pieces[0].title == "a.md");
    CHECK(pieces.pieces[1].title == "b/x.txt");
    CHECK(pieces.pieces[2].begin == 25);
    CHECK(pieces.notes == ", 3 files, 4 skipped that are no text");
    CHECK(hsa::is_folder(folder.at("b")));
    CHECK_FALSE(hsa::is_folder(folder.at("c.txt")));
    check_fails(
        [&] {
            (void)hsa::read_folder(folder.at(""), {}, {20, 100});
        },
        {"larger than 20 bytes together"});
    check_fails(
        [&] {
            (void)hsa::read_folder(folder.at(""), {}, {1 << 20, 6});
        },
        {"more than 6 files"});
}

TEST_CASE("a folder without a text is refused", "[io][folder]") {
    const io_test::Folder folder;
    put_file(folder.at("a.png"), "\x89PNG\r\n\x1A\n");
    check_fails([&] { (void)hsa::read_folder(folder.at(""), {}); }, {"no text", "1 other file)"});
    check_fails([&] { (void)hsa::read_folder(folder.at("none"), {}); }, {"cannot be read"});
}
