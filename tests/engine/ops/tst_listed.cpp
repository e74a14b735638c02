// SPDX-License-Identifier: MIT
// Listed attention: the CPU's kernels against plain loops and against a mask over all keys, values
// and gradients in fp32 and fp64.
#include "engine/ops/listed.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>

#include <QtTest>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

struct Input {
    at::Tensor q, k, v, rows;
    ops::KeyLists lists;
};

struct Shape {
    std::int64_t B, H, Q, S, E, L, W;
};

/// Head widths that do and do not fill a vector, lists of one key and of all.
const std::array<Shape, 4> kShapes{{{2, 3, 7, 11, 32, 5, 9},
                                    {1, 1, 16, 16, 12, 8, 16},
                                    {3, 2, 4, 5, 7, 3, 1},
                                    {1, 2, 1, 1, 64, 1, 1}}};

Input inputOf(const Shape& shape, at::ScalarType dtype) {
    at::manual_seed(static_cast<std::uint64_t>(shape.E));
    Input input;
    // Queries as a view with strides, as a projection makes them.
    input.q = at::randn({shape.B, shape.Q, shape.H, shape.E}, dtype).transpose(1, 2);
    input.k = at::randn({shape.B, shape.H, shape.S, shape.E}, dtype);
    input.v = at::randn({shape.B, shape.H, shape.S, shape.E}, dtype);
    input.rows = at::randint(shape.L, {shape.B, shape.Q}, at::kLong);
    input.lists.entries = at::empty({shape.L, shape.W}, at::kInt);
    input.lists.lengths = at::randint(1, shape.W + 1, {shape.L}, at::kInt);
    for (std::int64_t i = 0; i < shape.L; ++i) {
        input.lists.entries[i].copy_(at::randperm(shape.S).narrow(0, 0, shape.W));
    }
    return input;
}

/// softmax(q · k / sqrt(E)) · v of one query and head, by loops.
std::vector<double> plainRow(const Input& input, std::int64_t b, std::int64_t h, std::int64_t i) {
    const auto row = input.rows[b][i].item<std::int64_t>();
    const auto count = input.lists.lengths[row].item<std::int64_t>();
    const std::int64_t E = input.q.size(3);
    std::vector<double> p, out(static_cast<std::size_t>(E), 0.0);
    double sum = 0;
    const auto key = [&](std::int64_t s) {
        return input.lists.entries[row][s].item<std::int64_t>();
    };
    for (std::int64_t s = 0; s < count; ++s) {
        double logit = 0;
        for (std::int64_t e = 0; e < E; ++e) {
            logit += input.q[b][h][i][e].item<double>() * input.k[b][h][key(s)][e].item<double>();
        }
        p.push_back(std::exp(logit / std::sqrt(static_cast<double>(E))));
        sum += p.back();
    }
    for (std::int64_t s = 0; s < count; ++s) {
        for (std::int64_t e = 0; e < E; ++e) {
            out[static_cast<std::size_t>(e)] +=
                p[static_cast<std::size_t>(s)] / sum * input.v[b][h][key(s)][e].item<double>();
        }
    }
    return out;
}

at::Tensor
masked(const Input& input, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const at::Tensor mask = ops::maskOf(input.lists, k.size(2))
                                .index_select(0, input.rows.flatten())
                                .view({q.size(0), 1, q.size(2), k.size(2)});
    return at::scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).flatten(2);
}

double apart(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

} // namespace

class TestListed : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void againstLoops() {
        for (const Shape& shape : kShapes) {
            const Input input = inputOf(shape, at::kDouble);
            const at::Tensor out =
                ops::listedAttention(input.q, input.k, input.v, input.lists, input.rows);
            for (std::int64_t b = 0; b < shape.B; ++b) {
                for (std::int64_t i = 0; i < shape.Q; ++i) {
                    for (std::int64_t h = 0; h < shape.H; ++h) {
                        const at::Tensor row = out[b][i].narrow(0, h * shape.E, shape.E);
                        QVERIFY(apart(row, at::tensor(plainRow(input, b, h, i), at::kDouble)) <
                                kDouble);
                    }
                }
            }
        }
    }

    void againstAMask_data() {
        QTest::addColumn<bool>("isDouble");
        QTest::newRow("fp64") << true;
        QTest::newRow("fp32") << false;
    }

    void againstAMask() {
        QFETCH(bool, isDouble);
        const double tolerance = isDouble ? kDouble : kFastPatterns;
        for (const Shape& shape : kShapes) {
            const Input input = inputOf(shape, isDouble ? at::kDouble : at::kFloat);
            std::array<at::Tensor, 3> fast, slow;
            const std::array<at::Tensor, 3> parts{input.q, input.k, input.v};
            for (std::size_t i = 0; i < parts.size(); ++i) {
                fast[i] = parts[i].detach().requires_grad_();
                slow[i] = parts[i].clone().requires_grad_();
            }
            const at::Tensor out =
                ops::listedAttention(fast[0], fast[1], fast[2], input.lists, input.rows);
            const at::Tensor expected = masked(input, slow[0], slow[1], slow[2]);
            QVERIFY(apart(out, expected) < tolerance);
            const at::Tensor probe = at::randn_like(out);
            out.backward(probe);
            expected.backward(probe);
            for (std::size_t i = 0; i < parts.size(); ++i) {
                QVERIFY(apart(fast[i].grad(), slow[i].grad()) < tolerance);
            }
        }
    }

    void refusals() {
        const Input input = inputOf(kShapes[0], at::kFloat);
        const auto attend = [&](const at::Tensor& rows) {
            static_cast<void>(ops::listedAttention(input.q, input.k, input.v, input.lists, rows));
        };
        QVERIFY_EXCEPTION_THROWN(attend(input.rows.to(at::kInt)), c10::Error);
        QVERIFY_EXCEPTION_THROWN(attend(input.rows.narrow(1, 0, 2)), c10::Error);
    }
};

QTEST_APPLESS_MAIN(TestListed)
#include "tst_listed.moc"
