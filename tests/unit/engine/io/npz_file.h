#pragma once

#include "tests/catch.h"
#include "tests/unit/engine/io/io_test.h"

#include <zip.h>

#include <string>
#include <utility>
#include <vector>

namespace io_test {

// Names and bytes of the files in an archive.
using Members = std::vector<std::pair<std::string, std::string>>;

// The bytes of a .npz.
inline std::string npz_of(const Members& members) {
    const Folder folder;
    const std::string path = folder.at("a.npz");
    int code = 0;
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, &code);
    for (const auto& member : members) {
        zip_source_t* source =
            zip_source_buffer(archive, member.second.data(), member.second.size(), 0);
        zip_file_add(archive, member.first.c_str(), source, ZIP_FL_ENC_UTF_8);
    }
    REQUIRE(zip_close(archive) == 0);
    return get_file(path);
}

// The bytes of a .npy of float32 with any number of axes; `shape` as "(2, 3, 4)".
inline std::string npy_of(const std::string& shape, const std::vector<float>& values,
                          bool fortran_order = false) {
    const std::string header =
        "{'descr': '<f4', 'fortran_order': " + std::string(fortran_order ? "True" : "False") +
        ", 'shape': " + shape + "}";
    std::string out("\x93NUMPY\x01", 7);
    out += '\0';
    out += static_cast<char>(header.size());
    out += '\0';
    out += header;
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return out;
}

}  // namespace io_test
