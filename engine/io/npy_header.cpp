#include "engine/io/npy_header.h"

#include "engine/core/error.h"
#include "engine/io/npy.h"

#include <limits>
#include <optional>
#include <utility>

namespace hsa {
namespace {

// Reads the header's Python literal {'descr': ..., 'fortran_order': ..., 'shape': (...), }.
class HeaderParser {
  public:
    HeaderParser(const std::string& name, std::string_view text) : name_(name), text_(text) {}

    void parse() {
        expect('{');
        while (!take('}')) {
            const std::string key = quoted();
            expect(':');
            if (key == "descr") parse_descr();
            else if (key == "fortran_order") fortran_order = parse_bool();
            else if (key == "shape") parse_shape();
            else broken("the unknown key '" + key + "'");
            if (!take(',')) {
                expect('}');
                break;
            }
        }
        skip_space();
        if (at_ != text_.size()) broken("something after the closing brace");
        if (!descr || !fortran_order || !shape) broken("no 'descr', 'fortran_order' or 'shape'");
    }

    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::uint64_t>> shape;

  private:
    [[noreturn]] void broken(const std::string& what) const {
        fail("{}: the .npy header has {} at byte {}; save the file again with numpy.save", name_,
             what, at_);
    }
    void skip_space() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) {
            ++at_;
        }
    }
    bool take(char letter) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != letter) return false;
        ++at_;
        return true;
    }
    void expect(char letter) {
        if (!take(letter)) broken(std::string("no '") + letter + "'");
    }
    bool take_word(std::string_view word) {
        skip_space();
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    std::string quoted() {
        skip_space();
        if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"'))
            broken("no quoted word");
        const std::size_t end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) broken("a quote that does not end");
        std::string word(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return word;
    }
    void parse_descr() {
        skip_space();
        if (at_ < text_.size() && text_[at_] == '[') {
            fail(
                "{}: the array holds records (a structured type); expected plain numbers: save one "
                "field as float32",
                name_);
        }
        descr = quoted();
    }
    bool parse_bool() {
        if (take_word("True")) return true;
        if (take_word("False")) return false;
        broken("neither True nor False");
    }
    void parse_shape() {
        shape.emplace();
        expect('(');
        while (!take(')')) {
            shape->push_back(extent());
            if (shape->size() > 32) broken("more than 32 dimensions");
            if (!take(',')) {
                expect(')');
                break;
            }
        }
    }
    std::uint64_t extent() {
        skip_space();
        constexpr std::uint64_t kLimit = std::numeric_limits<std::uint64_t>::max();
        std::uint64_t value = 0;
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
            if (value > (kLimit - digit) / 10) broken("a dimension too large for any file");
            value = value * 10 + digit;
            ++at_;
        }
        if (at_ == begin) broken("no whole number in its shape");
        if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // as Python 2 wrote long numbers
        return value;
    }

    const std::string& name_;
    std::string_view text_;
    std::size_t at_ = 0;
};

[[noreturn]] void fail_type(const std::string& name, const std::string& descr,
                            std::string_view what) {
    fail(
        "{}: the array is of type '{}' ({}); expected little-endian float16, float32, float64, "
        "int8, "
        "int32 or int64: save it again as float32",
        name, descr, what);
}

// Item sizes of text above this are no words of a token.
constexpr std::size_t kMaxCharacters = 1U << 20U;

std::size_t text_length(const std::string& name, const std::string& descr) {
    std::size_t length = 0;
    for (const char digit : descr.substr(2)) {
        if (digit < '0' || digit > '9') fail_type(name, descr, "unknown");
        length = length * 10 + static_cast<std::size_t>(digit - '0');
        if (length > kMaxCharacters) fail_type(name, descr, "strings too long for tokens");
    }
    return length;
}

void set_type(const std::string& name, const std::string& descr, NpyHeader& header) {
    constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
        {"f2", "float16"}, {"f4", "float32"}, {"f8", "float64"},
        {"i1", "int8"},    {"i4", "int32"},   {"i8", "int64"},
    };
    if (descr.size() < 2 || std::string_view("<>=|").find(descr[0]) == std::string_view::npos) {
        fail_type(name, descr, "unknown");
    }
    const char order = descr[0];
    const char letter = descr[1];
    const std::string_view type = std::string_view(descr).substr(1);
    const bool has_order = type != "i1" && letter != 'S';
    if (letter == 'c') fail_type(name, descr, "complex numbers");
    if (letter == 'b') fail_type(name, descr, "truth values");
    if (letter == 'u') fail_type(name, descr, "unsigned whole numbers");
    if (letter == 'O') fail_type(name, descr, "Python objects");
    if (letter == 'V') fail_type(name, descr, "raw records");
    if (order == '>' && has_order) fail_type(name, descr, "big-endian");
    if (letter == 'U' || letter == 'S') {
        header.dtype = "text";
        header.kind = NpyKind::text;
        header.wide_text = letter == 'U';
        header.item_bytes = text_length(name, descr) * (header.wide_text ? 4 : 1);
        return;
    }
    for (const auto& known : kTypes) {
        if (type != known.first) continue;
        header.dtype = known.second;
        header.kind = letter == 'f' ? NpyKind::real : NpyKind::integer;
        header.item_bytes = static_cast<std::size_t>(type[1] - '0');
        return;
    }
    fail_type(name, descr, "not supported");
}

}  // namespace

std::string shape_text(const std::vector<std::uint64_t>& shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
    }
    return text + (shape.size() == 1 ? ",)" : ")");
}

NpyHeader read_npy_header(const std::string& name, std::string_view bytes) {
    if (bytes.substr(0, kNpyMagic.size()) != kNpyMagic) {
        fail(
            "{}: not a .npy file: its first bytes are not those of numpy.save; save the array "
            "again",
            name);
    }
    const auto byte = [&](std::size_t at) -> std::size_t {
        return static_cast<unsigned char>(bytes[at]);
    };
    const std::size_t length_bytes = bytes.size() > kNpyMagic.size() && byte(6) == 1 ? 2 : 4;
    const std::size_t begin = kNpyMagic.size() + 2 + length_bytes;
    if (bytes.size() < begin) {
        fail("{}: truncated: {} bytes are too few for a .npy header; copy or save the file again",
             name, bytes.size());
    }
    if (byte(6) < 1 || byte(6) > 3) {
        fail(
            "{}: .npy format version {}.{}; expected version 1, 2 or 3: save it again with "
            "numpy.save",
            name, byte(6), byte(7));
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length |= byte(8 + i) << (8 * i);
    if (length > bytes.size() - begin) {
        fail(
            "{}: truncated: the header needs {} bytes, but only {} follow; copy or save the file "
            "again",
            name, length, bytes.size() - begin);
    }
    HeaderParser parser(name, bytes.substr(begin, length));
    parser.parse();
    NpyHeader header;
    set_type(name, *parser.descr, header);
    header.fortran_order = *parser.fortran_order;
    header.shape = std::move(*parser.shape);
    header.data_offset = begin + length;
    return header;
}

}  // namespace hsa
