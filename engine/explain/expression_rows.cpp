#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/explain/expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace hsa {
namespace {

enum class Type : std::uint8_t { number, words, truth };

const char* told(Type type) {
    switch (type) {
        case Type::number: return "a number";
        case Type::words: return "words";
        case Type::truth: break;
    }
    return "a comparison";
}

// What every operator looks like, and takes: in the order of Op.
constexpr std::array<const char*, 18> kSigns = {"",  "",   "",  "-",  "!",  "*",  "/", "+",  "-",
                                                "<", "<=", ">", ">=", "==", "!=", "~", "&&", "||"};

bool calculates(Op op) { return op >= Op::negate && op <= Op::subtract && op != Op::opposite; }
bool compares(Op op) { return op >= Op::less && op <= Op::contains; }

[[noreturn]] void fail_operand(const Step& step, const char* takes, const char* side, Type type) {
    fail_usage("at column {} '{}' takes {}; what stands {} of it is {}.", step.column,
               kSigns[static_cast<std::size_t>(step.op)], takes, side, told(type));
}

Type type_of(const Step& step, Type left, Type right) {
    const auto check = [&](Type wanted, const char* takes) {
        if (left != wanted) fail_operand(step, takes, "left", left);
        if (right != wanted) fail_operand(step, takes, "right", right);
    };
    if (step.op == Op::contains) check(Type::words, "words");
    else if (compares(step.op)) {
        if (left == Type::truth) fail_operand(step, "numbers or words", "left", left);
        if (right != left)
            fail_operand(step,
                         left == Type::words ? "words beside words" : "numbers beside numbers",
                         "right", right);
    } else if (calculates(step.op)) {
        check(Type::number, "numbers");
        return Type::number;
    } else {
        check(Type::truth, "comparisons");
    }
    return Type::truth;
}

// A step that knows what its name stands for.
struct Bound {
    const Step* step = nullptr;
    const Field* words = nullptr;              // a property of words ...
    const std::vector<double>* all = nullptr;  // ... or numbers of all things ...
    double number = 0.0;                       // ... or the same number for each
    Type type = Type::number;                  // of what is there afterwards
    Type operand = Type::number;               // of the one on the right
};

struct Program {
    std::vector<Bound> steps;
    std::vector<std::vector<double>> read;  // of the fields that are named, by field
};

Bound bind_name(const Step& step, std::span<const Field> fields,
                std::span<const Constant> constants, Program& program) {
    Bound bound;
    bound.step = &step;
    // A property comes first: events have a cycle of their own.
    for (std::size_t f = 0; f < fields.size(); ++f) {
        if (!means(step.text, fields[f])) continue;
        if (!fields[f].numbers) {
            bound.words = &fields[f];
            bound.type = Type::words;
            return bound;
        }
        if (program.read[f].empty()) program.read[f] = fields[f].numbers();
        bound.all = &program.read[f];
        return bound;
    }
    for (const Constant& constant : constants)
        if (constant.name == step.text) {
            bound.number = constant.value;
            return bound;
        }
    fail_usage("at column {} there is no property '{}'.", step.column, step.text);
}

// Every name known and every operand of the right type.
Program bind(const Expression& expression, std::span<const Field> fields,
             std::span<const Constant> constants) {
    Program program;
    program.read.resize(fields.size());
    std::vector<Type> stack;
    const auto take = [&stack] {
        if (stack.empty()) fault("an expression whose operators have no operands");
        const Type type = stack.back();
        stack.pop_back();
        return type;
    };
    for (const Step& step : expression.steps) {
        Bound bound;
        bound.step = &step;
        if (step.op == Op::name) {
            bound = bind_name(step, fields, constants, program);
        } else if (step.op == Op::number) {
            bound.number = step.number;
        } else if (step.op == Op::words) {
            bound.type = Type::words;
        } else if (step.op == Op::negate || step.op == Op::opposite) {
            const Type wanted = step.op == Op::negate ? Type::number : Type::truth;
            bound.type = take();
            if (bound.type != wanted)
                fail_operand(step, wanted == Type::number ? "a number" : "a comparison", "right",
                             bound.type);
        } else {
            bound.operand = take();
            bound.type = type_of(step, take(), bound.operand);
        }
        stack.push_back(bound.type);
        program.steps.push_back(bound);
    }
    if (stack.size() != 1) fault("an expression that leaves {} values", stack.size());
    if (stack.back() != Type::truth)
        fail_usage("the expression is {} and no comparison: say what it must equal or exceed.",
                   told(stack.back()));
    return program;
}

// Numbers of some things, truths as 0 and 1; or where their words come from.
struct Operand {
    std::vector<double> numbers;
    const Bound* words = nullptr;
};

template <class Value>
bool compared(Op op, const Value& a, const Value& b) {
    switch (op) {
        case Op::less: return a < b;
        case Op::at_most: return a <= b;
        case Op::greater: return a > b;
        case Op::at_least: return a >= b;
        case Op::equal: return a == b;
        default: return a != b;
    }
}

void compare_words(Op op, const Operand& left, const Operand& right, std::size_t begin,
                   std::vector<double>& out) {
    const auto words_of = [](const Operand& side, std::size_t thing) {
        return side.words->words != nullptr ? side.words->words->words(thing)
                                            : side.words->step->text;
    };
    for (std::size_t t = 0; t < out.size(); ++t) {
        std::string a = words_of(left, begin + t);
        std::string b = words_of(right, begin + t);
        const bool holds = op == Op::contains ? folded(std::move(a)).find(folded(std::move(b))) !=
                                                    std::string::npos
                                              : compared(op, a, b);
        out[t] = holds ? 1.0 : 0.0;
    }
}

double calculated(Op op, double a, double b) {
    switch (op) {
        case Op::multiply: return a * b;
        case Op::divide: return a / b;
        case Op::add: return a + b;
        case Op::subtract: return a - b;
        case Op::both: return a != 0.0 && b != 0.0 ? 1.0 : 0.0;
        case Op::either: return a != 0.0 || b != 0.0 ? 1.0 : 0.0;
        default: return !std::isnan(a) && !std::isnan(b) && compared(op, a, b) ? 1.0 : 0.0;
    }
}

// Of things begin .. end - 1: 1 where it holds.
std::vector<double> evaluate_some(const Program& program, std::size_t begin, std::size_t end) {
    std::vector<Operand> stack;
    for (const Bound& bound : program.steps) {
        const Op op = bound.step->op;
        if (op <= Op::name) {
            Operand operand;
            if (bound.type == Type::words) operand.words = &bound;
            else if (bound.all != nullptr)
                operand.numbers.assign(bound.all->begin() + static_cast<std::ptrdiff_t>(begin),
                                       bound.all->begin() + static_cast<std::ptrdiff_t>(end));
            else operand.numbers.assign(end - begin, bound.number);
            stack.push_back(std::move(operand));
            continue;
        }
        if (op == Op::negate || op == Op::opposite) {
            for (double& value : stack.back().numbers)
                value = op == Op::negate ? -value : 1.0 - value;
            continue;
        }
        const Operand right = std::move(stack.back());
        stack.pop_back();
        Operand& left = stack.back();
        if (bound.operand == Type::words) {
            std::vector<double> out(end - begin);
            compare_words(op, left, right, begin, out);
            left = {std::move(out), nullptr};
            continue;
        }
        for (std::size_t t = 0; t < left.numbers.size(); ++t)
            left.numbers[t] = calculated(op, left.numbers[t], right.numbers[t]);
    }
    return std::move(stack.back().numbers);
}

}  // namespace

std::vector<std::size_t> holds_for(const Expression& expression, std::span<const Field> fields,
                                   std::span<const Constant> constants, std::size_t count) {
    const Program program = bind(expression, fields, constants);
    for (const std::vector<double>& read : program.read)
        if (!read.empty() && read.size() != count)
            fault("a property of {} things where there are {}", read.size(), count);
    std::vector<char> holds(count);
    parallel_blocks(count, kChunkRows, [&](std::size_t begin, std::size_t end) {
        const std::vector<double> some = evaluate_some(program, begin, end);
        for (std::size_t t = begin; t < end; ++t) holds[t] = some[t - begin] != 0.0 ? 1 : 0;
    });
    std::vector<std::size_t> found;
    for (std::size_t t = 0; t < count; ++t)
        if (holds[t] != 0) found.push_back(t);
    return found;
}

}  // namespace hsa
