#include "engine/explain/expression.h"

#include "engine/core/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kMostBytes = 4096;
constexpr int kDeepest = 64;
constexpr const char* kValue = "a number, a name, words in quotes or '('";

struct Operator {
    std::string_view sign;
    Op op = Op::number;
    int precedence = 0;  // tighter is more
};
// Longer signs before those they begin with.
constexpr std::array<Operator, 13> kOperators = {{{"||", Op::either, 1},
                                                  {"&&", Op::both, 2},
                                                  {"==", Op::equal, 3},
                                                  {"!=", Op::differs, 3},
                                                  {"<=", Op::at_most, 3},
                                                  {">=", Op::at_least, 3},
                                                  {"<", Op::less, 3},
                                                  {">", Op::greater, 3},
                                                  {"~", Op::contains, 3},
                                                  {"+", Op::add, 4},
                                                  {"-", Op::subtract, 4},
                                                  {"*", Op::multiply, 5},
                                                  {"/", Op::divide, 5}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
// ASCII letters, and every byte of letters beyond them.
bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool goes_on_name(char c) { return begins_name(c) || is_digit(c) || c == '.'; }

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Expression parse() {
        binary(1, 0);
        skip_blanks();
        if (at_ != text_.size()) expected("an operator or the end");
        return std::move(made_);
    }

  private:
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }

    // Letters before a byte, from 1.
    [[nodiscard]] std::size_t column(std::size_t at) const {
        return 1 + static_cast<std::size_t>(std::count_if(
                       text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    }

    [[noreturn]] void expected(const char* what) const {
        if (at_ == text_.size())
            fail_usage("at column {} {} is expected, and the expression ends.", column(at_), what);
        std::size_t end = at_ + 1;
        if (goes_on_name(text_[at_]))
            while (end < text_.size() && goes_on_name(text_[end])) ++end;
        else if (const Operator* found = operator_here()) end = at_ + found->sign.size();
        fail_usage("at column {} {} is expected, not '{}'.", column(at_), what,
                   text_.substr(at_, end - at_));
    }

    [[nodiscard]] const Operator* operator_here() const {
        const auto found = std::find_if(
            kOperators.begin(), kOperators.end(),
            [&](const Operator& each) { return text_.substr(at_).starts_with(each.sign); });
        return found == kOperators.end() ? nullptr : &*found;
    }

    void put(Op op, std::size_t at, double number = 0.0, std::string text = {}) {
        made_.steps.push_back({op, number, std::move(text), column(at)});
    }

    // Operands joined by operators of at least this precedence, from left to right.
    void binary(int least, int depth) {
        unary(depth);
        for (;;) {
            skip_blanks();
            const Operator* found = operator_here();
            if (found == nullptr || found->precedence < least) return;
            const std::size_t at = at_;
            at_ += found->sign.size();
            binary(found->precedence + 1, depth);
            put(found->op, at);
        }
    }

    void unary(int depth) {
        skip_blanks();
        if (at_ == text_.size()) expected(kValue);
        const std::size_t at = at_;
        const char c = text_[at];
        if (c != '(' && c != '-' && c != '!') {
            value();
            return;
        }
        if (depth == kDeepest)
            fail_usage("at column {} parentheses and signs are nested deeper than {}.", column(at),
                       kDeepest);
        ++at_;
        if (c == '(') {
            binary(1, depth + 1);
            skip_blanks();
            if (at_ == text_.size() || text_[at_] != ')') expected("an operator or ')'");
            ++at_;
            return;
        }
        unary(depth + 1);
        put(c == '-' ? Op::negate : Op::opposite, at);
    }

    void value() {
        const char c = text_[at_];
        if (c == '"' || c == '\'' || c == '`') quoted(c);
        else if (is_digit(c) || c == '.') number();
        else if (begins_name(c)) name();
        else expected(kValue);
    }

    void quoted(char quote) {
        const std::size_t at = at_;
        std::string words;
        for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (text_[at_] == '\\' && quote != '`' && at_ + 1 < text_.size()) ++at_;
            words += text_[at_];
        }
        if (at_ == text_.size())
            fail_usage("at column {} a quote {} is opened and not closed.", column(at), quote);
        ++at_;
        put(quote == '`' ? Op::name : Op::words, at, 0.0, std::move(words));
    }

    void number() {
        const std::size_t at = at_;
        double value = 0.0;
        const auto [end, fault] =
            std::from_chars(text_.data() + at, text_.data() + text_.size(), value);
        if (fault != std::errc() || !std::isfinite(value)) expected("a finite number");
        at_ = static_cast<std::size_t>(end - text_.data());
        put(Op::number, at, value);
    }

    void name() {
        const std::size_t at = at_;
        while (at_ < text_.size() && goes_on_name(text_[at_])) ++at_;
        put(Op::name, at, 0.0, std::string(text_.substr(at, at_ - at)));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Expression made_;
};

}  // namespace

Expression parse_expression(std::string_view text) {
    if (text.size() > kMostBytes)
        fail_usage("the expression has {} bytes; it may have {}.", text.size(), kMostBytes);
    return Parser(text).parse();
}

bool means(std::string_view written, const Field& field) {
    return means(written, field.name) || (!field.also.empty() && means(written, field.also));
}

bool means(std::string_view written, std::string_view name) {
    return std::equal(written.begin(), written.end(), name.begin(), name.end(),
                      [](char a, char b) { return a == b || (a == '_' && b == ' '); });
}

std::string written_name(std::string_view name) {
    std::string written(name);
    std::replace(written.begin(), written.end(), ' ', '_');
    const bool plain = !written.empty() && begins_name(written.front()) &&
                       std::all_of(written.begin(), written.end(), goes_on_name);
    return plain ? written : "`" + std::string(name) + "`";
}

std::string folded(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace hsa
