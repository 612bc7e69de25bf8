#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// A condition on the numbers and words of a thing: `level == "Section" && usage > 2/k`.
//
//   || && == != < <= > >= ~ + - * / unary - ! ( )   as in C, from loose to tight; ~ is "contains"
//   2.5e-3, "words" or 'words' (a backslash keeps the next character), names
//
// A name is letters, digits, _ and .; a blank in a property's name is written _, and anything may
// stand between backquotes. Only comparisons may be joined, only numbers calculated with.

// What a step puts down, or does with what was put down last.
enum class Op : std::uint8_t {
    number,
    words,
    name,
    negate,
    opposite,  // !
    multiply,
    divide,
    add,
    subtract,
    less,
    at_most,
    greater,
    at_least,
    equal,
    differs,
    contains,
    both,
    either
};

struct Step {
    Op op = Op::number;
    double number = 0.0;
    std::string text;        // words or a name
    std::size_t column = 1;  // where it stands, in letters from 1
};

// In the order in which it is calculated: operands before what is done with them.
struct Expression {
    std::vector<Step> steps;  // never empty
};

// Throws Error (usage) saying at which column what was expected: also for more than 4,096 bytes and
// for parentheses and signs nested deeper than 64.
[[nodiscard]] Expression parse_expression(std::string_view text);

// A property that a name may stand for.
struct Field {
    std::string name;                              // "parent share"
    std::function<std::vector<double>()> numbers;  // of all things, NaN where there is none; or ...
    std::function<std::string(std::size_t)> words;   // ... of one, and then `numbers` is empty
    std::function<double(std::size_t)> number = {};  // of one, as in `numbers`; empty for words
    std::string unit = {};                           // "nats"; empty for a pure number
    std::string help = {};                           // one sentence, for a tooltip
    bool single = false;                             // its numbers are float32
    std::string also = {};                           // a second name, "data.length"; or empty
};

struct Constant {
    std::string_view name;
    double value = 0.0;
};

// Whether `written` in an expression means the property `name`.
[[nodiscard]] bool means(std::string_view written, std::string_view name);
[[nodiscard]] bool means(std::string_view written, const Field& field);  // by either name
// A property's name as an expression has it.
[[nodiscard]] std::string written_name(std::string_view name);

// ASCII letters in lower case, all else as it is.
[[nodiscard]] std::string folded(std::string text);

// The things, of `count`, that the expression holds for: rising. A comparison with something that
// has no value (NaN) does not hold, != neither; `~` does not look at the case of ASCII letters.
// Properties come before constants of the same name. Throws Error (usage) with the column for a
// name that is none of them and where an operator cannot take what it is given.
[[nodiscard]] std::vector<std::size_t> holds_for(const Expression& expression,
                                                 std::span<const Field> fields,
                                                 std::span<const Constant> constants,
                                                 std::size_t count);

}  // namespace hsa
