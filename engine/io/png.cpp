#include "engine/io/png.h"

#include "engine/core/error.h"

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

namespace hsa {
namespace {

constexpr std::size_t kMostPixels = std::size_t{1} << 28U;
constexpr png_alloc_size_t kLongestChunk = 8'000'000;  // of a text, unpacked

// What libpng's callbacks share with the caller. libpng leaves by longjmp, so nothing with a
// destructor may be made between setjmp and the last call into it: everything lives here or with
// the caller.
struct Wire {
    std::string out;
    std::string_view in;
    std::size_t at = 0;
    std::string message;
};

void on_error(png_structp png, png_const_charp text) {
    static_cast<Wire*>(png_get_error_ptr(png))->message = text;
    png_longjmp(png, 1);
}

void on_warning(png_structp /*png*/, png_const_charp /*text*/) {}

void on_write(png_structp png, png_bytep data, png_size_t size) {
    auto* wire = static_cast<Wire*>(png_get_io_ptr(png));
    try {
        wire->out.append(reinterpret_cast<const char*>(data), size);
        return;
    } catch (const std::exception&) {
        wire->message = "not enough memory";
    }
    png_longjmp(png, 1);
}

void on_flush(png_structp /*png*/) {}

void on_read(png_structp png, png_bytep data, png_size_t size) {
    auto* wire = static_cast<Wire*>(png_get_io_ptr(png));
    if (size > wire->in.size() - wire->at) png_error(png, "it ends too early");
    std::memcpy(data, wire->in.data() + wire->at, size);
    wire->at += size;
}

struct Writer {
    png_structp png = nullptr;
    png_infop info = nullptr;
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() { png_destroy_write_struct(&png, &info); }
};

struct Reader {
    png_structp png = nullptr;
    png_infop info = nullptr;
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

// False when libpng failed; wire.message says why.
bool encode(const Writer& writer, const PngImage& picture, std::vector<png_text>& texts,
            std::vector<png_bytep>& rows) {
    if (setjmp(png_jmpbuf(writer.png)) != 0) return false;
    png_set_user_limits(writer.png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(picture.width),
                 static_cast<png_uint_32>(picture.height), 8, PNG_COLOR_TYPE_RGBA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(writer.png, 6);
    if (picture.pixels_per_metre > 0)
        png_set_pHYs(writer.png, writer.info, picture.pixels_per_metre, picture.pixels_per_metre,
                     PNG_RESOLUTION_METER);
    png_set_text(writer.png, writer.info, texts.data(), static_cast<int>(texts.size()));
    png_write_info(writer.png, writer.info);
    png_write_image(writer.png, rows.data());
    png_write_end(writer.png, writer.info);
    return true;
}

struct Size {
    std::size_t width = 0;
    std::size_t height = 0;
    std::size_t stored_row = 0;  // bytes of a row in the file, unpacked
};

bool read_size(const Reader& reader, Size& size) {
    if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
    png_read_info(reader.png, reader.info);
    size.width = png_get_image_width(reader.png, reader.info);
    size.height = png_get_image_height(reader.png, reader.info);
    size.stored_row = png_get_rowbytes(reader.png, reader.info);
    return true;
}

bool decode(const Reader& reader, std::vector<png_bytep>& rows) {
    if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
    png_read_image(reader.png, rows.data());
    png_read_end(reader.png, reader.info);
    return true;
}

// Asks for RGBA rows; returns the bytes a row will have, 0 when libpng failed.
std::size_t ask_for_rgba(const Reader& reader) {
    if (setjmp(png_jmpbuf(reader.png)) != 0) return 0;
    png_set_expand(reader.png);
    png_set_scale_16(reader.png);
    png_set_gray_to_rgb(reader.png);
    png_set_add_alpha(reader.png, 0xFF, PNG_FILLER_AFTER);
    (void)png_set_interlace_handling(reader.png);
    png_read_update_info(reader.png, reader.info);
    return png_get_rowbytes(reader.png, reader.info);
}

// True when every chunk up to the last lies inside the bytes. libpng sets aside the memory that a
// chunk claims before it reads it.
bool chunks_fit(std::string_view bytes) {
    constexpr std::size_t kFrame = 12;  // length, name, checksum
    bytes.remove_prefix(kPngMagic.size());
    while (bytes.size() >= kFrame) {
        const std::size_t length = png_get_uint_32(reinterpret_cast<png_const_bytep>(bytes.data()));
        if (length > bytes.size() - kFrame) return false;
        if (bytes.substr(4, 4) == "IEND") return true;
        bytes.remove_prefix(kFrame + length);
    }
    return false;
}

void check_key(const std::string& key) {
    const auto printable = [](char letter) {
        const auto code = static_cast<unsigned char>(letter);
        return code >= 0x20U && code < 0x7FU;
    };
    if (key.empty() || key.size() > 79 || !std::all_of(key.begin(), key.end(), printable) ||
        key.front() == ' ' || key.back() == ' ') {
        fault("the PNG text key '{}' must be 1 to 79 printable letters", key);
    }
}

[[noreturn]] void fail_broken(const std::string& path, const Wire& wire) {
    fail("{}: not a whole PNG ({}); save the picture again", path, wire.message);
}

// Reads up to the pixels: sizes and the texts before them.
Size begin_reading(const std::string& path, std::string_view bytes, Wire& wire, Reader& reader) {
    if (bytes.substr(0, kPngMagic.size()) != kPngMagic) {
        fail("{}: not a PNG: its first bytes are others; expected a picture saved as .png", path);
    }
    if (!chunks_fit(bytes)) {
        fail("{}: not a whole PNG (it ends too early); copy or save the picture again", path);
    }
    wire.in = bytes;
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &wire, on_error, on_warning);
    if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
    if (reader.info == nullptr) fail("there is not enough memory to read {}", path);
    png_set_read_fn(reader.png, &wire, on_read);
    png_set_chunk_malloc_max(reader.png, kLongestChunk);
    Size size;
    if (!read_size(reader, size)) fail_broken(path, wire);
    return size;
}

std::vector<std::pair<std::string, std::string>> texts_of(const Reader& reader) {
    std::vector<std::pair<std::string, std::string>> texts;
    png_textp found = nullptr;
    const int count = png_get_text(reader.png, reader.info, &found, nullptr);
    texts.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        texts.emplace_back(found[i].key, found[i].text == nullptr ? "" : found[i].text);
    return texts;
}

}  // namespace

std::string write_png(const PngImage& picture) {
    constexpr std::size_t kLongestSide = 1U << 20U;
    if (picture.width == 0 || picture.height == 0 || picture.width > kLongestSide ||
        picture.height > kLongestSide) {
        fail("a picture of {} x {} pixels cannot be written; each side must be 1 to {}",
             picture.width, picture.height, kLongestSide);
    }
    if (picture.rgba.size() != picture.width * picture.height * 4) {
        fault("a picture of {} x {} came with {} bytes", picture.width, picture.height,
              picture.rgba.size());
    }
    // libpng takes pointers to what it never changes.
    std::vector<std::pair<std::string, std::string>> copies = picture.texts;
    std::vector<png_text> texts;
    for (auto& entry : copies) {
        check_key(entry.first);
        png_text text{};
        text.compression =
            entry.second.size() > 1024 ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
        text.key = entry.first.data();
        text.text = entry.second.data();
        text.itxt_length = entry.second.size();
        texts.push_back(text);
    }
    std::vector<png_bytep> rows;
    for (std::size_t y = 0; y < picture.height; ++y) {
        rows.push_back(const_cast<png_bytep>(picture.rgba.data()) + y * picture.width * 4);
    }
    Wire wire;
    Writer writer;
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &wire, on_error, on_warning);
    if (writer.png != nullptr) writer.info = png_create_info_struct(writer.png);
    if (writer.info == nullptr) fail("there is not enough memory for a PNG; close other programs");
    png_set_write_fn(writer.png, &wire, on_write, on_flush);
    if (!encode(writer, picture, texts, rows)) {
        fail("the picture cannot be written as PNG ({}); make it smaller", wire.message);
    }
    return std::move(wire.out);
}

PngImage read_png(const std::string& path, std::string_view bytes) {
    Wire wire;
    Reader reader;
    const Size size = begin_reading(path, bytes, wire, reader);
    PngImage picture;
    picture.width = size.width;
    picture.height = size.height;
    if (picture.width * picture.height > kMostPixels) {
        fail("{}: {} x {} pixels are more than this program reads ({}); make the picture smaller",
             path, picture.width, picture.height, kMostPixels);
    }
    // No memory for pixels that the file cannot hold: deflate reaches 1 : 1032 at best.
    if (size.stored_row * size.height / 1032 > bytes.size()) {
        wire.message = "it ends too early";
        fail_broken(path, wire);
    }
    if (ask_for_rgba(reader) != picture.width * 4) fail_broken(path, wire);
    picture.rgba.resize(picture.width * picture.height * 4);
    std::vector<png_bytep> rows;
    for (std::size_t y = 0; y < picture.height; ++y) {
        rows.push_back(picture.rgba.data() + y * picture.width * 4);
    }
    if (!decode(reader, rows)) fail_broken(path, wire);
    picture.texts = texts_of(reader);
    picture.pixels_per_metre = png_get_pixels_per_meter(reader.png, reader.info);
    return picture;
}

std::vector<std::pair<std::string, std::string>> read_png_texts(const std::string& path,
                                                                std::string_view bytes) {
    Wire wire;
    Reader reader;
    (void)begin_reading(path, bytes, wire, reader);
    return texts_of(reader);
}

}  // namespace hsa
