// SPDX-License-Identifier: MIT
// The causal video autoencoder against loops over single numbers, against its own chunks, against
// finite differences and closed forms.
#include "engine/base/error.h"
#include "engine/spec/autoencoder_preset.h"
#include "tests/engine/models/small_autoencoder.h"
#include "tests/engine/tolerance.h"

#include <ATen/record_function.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

constexpr int kTime = 2;

/// Numbers of one clip, [channels][frames][rows][columns].
struct Volume {
    std::int64_t c = 0, t = 0, x = 0, y = 0;
    std::vector<double> values;

    Volume(std::int64_t channels, std::int64_t frames, std::int64_t rows, std::int64_t columns)
        : c(channels)
        , t(frames)
        , x(rows)
        , y(columns)
        , values(static_cast<std::size_t>(c * t * x * y)) {}

    double& at(std::int64_t channel, std::int64_t frame, std::int64_t row, std::int64_t column) {
        return values[static_cast<std::size_t>(((channel * t + frame) * x + row) * y + column)];
    }
};

template <class Visit>
void everywhere(const Volume& v, const Visit& visit) {
    for (std::int64_t c = 0; c < v.c; ++c) {
        for (std::int64_t t = 0; t < v.t; ++t) {
            for (std::int64_t x = 0; x < v.x; ++x) {
                for (std::int64_t y = 0; y < v.y; ++y) {
                    visit(c, t, x, y);
                }
            }
        }
    }
}

/// The definition of docs/video_models.md, "Autoencoder", number by number.
struct Loops {
    const spec::AutoencoderSpec& spec;
    std::map<std::string, at::Tensor> tensors;

    [[nodiscard]] Volume product(Volume& in, const std::string& name) const {
        const at::Tensor weight = tensors.at(name + ".weight"), bias = tensors.at(name + ".bias");
        const auto w = weight.accessor<double, 2>();
        const auto b = bias.accessor<double, 1>();
        Volume out(weight.size(0), in.t, in.x, in.y);
        everywhere(out, [&](auto c, auto t, auto x, auto y) {
            double sum = b[c];
            for (std::int64_t i = 0; i < in.c; ++i) {
                sum += w[c][i] * in.at(i, t, x, y);
            }
            out.at(c, t, x, y) = sum;
        });
        return out;
    }

    [[nodiscard]] Volume norm(Volume& in, const std::string& name) const {
        const at::Tensor gain = tensors.at(name + ".weight");
        const auto g = gain.accessor<double, 1>();
        Volume out = in;
        everywhere(out, [&](auto c, auto t, auto x, auto y) {
            double squares = 0;
            for (std::int64_t i = 0; i < in.c; ++i) {
                squares += in.at(i, t, x, y) * in.at(i, t, x, y);
            }
            out.at(c, t, x, y) *= g[c] / std::sqrt(squares / static_cast<double>(in.c) + 1e-6);
        });
        return out;
    }

    static Volume silu(Volume v) {
        for (double& value : v.values) {
            value /= 1 + std::exp(-value);
        }
        return v;
    }

    /// Frames before the first are the first; pixels beyond the border are 0.
    [[nodiscard]] Volume mix(Volume& in, const std::string& name) const {
        const at::Tensor weight = tensors.at(name + ".weight"), bias = tensors.at(name + ".bias");
        const auto w = weight.accessor<double, 5>();
        const auto b = bias.accessor<double, 1>();
        Volume out(in.c, in.t, in.x, in.y);
        everywhere(out, [&](auto c, auto t, auto x, auto y) {
            double sum = b[c];
            for (std::int64_t i = 0; i < in.c; ++i) {
                for (std::int64_t k = 0; k < weight.size(2); ++k) {
                    const std::int64_t frame =
                        std::max<std::int64_t>(0, t + k - (weight.size(2) - 1));
                    for (std::int64_t dx = -1; dx <= 1; ++dx) {
                        for (std::int64_t dy = -1; dy <= 1; ++dy) {
                            const std::int64_t row = x + dx, column = y + dy;
                            if (row >= 0 && row < in.x && column >= 0 && column < in.y) {
                                sum += w[c][i][k][dx + 1][dy + 1] * in.at(i, frame, row, column);
                            }
                        }
                    }
                }
            }
            out.at(c, t, x, y) = sum;
        });
        return out;
    }

    [[nodiscard]] Volume block(Volume in, const std::string& name) const {
        Volume active = silu(norm(in, name + ".norm"));
        Volume mixed = silu(mix(active, name + ".mix"));
        const Volume added = product(mixed, name + ".point");
        for (std::size_t i = 0; i < in.values.size(); ++i) {
            in.values[i] += added.values[i];
        }
        return in;
    }

    static Volume fold(Volume& in, std::int64_t s) {
        Volume out(in.c * s * s, in.t, in.x / s, in.y / s);
        everywhere(in, [&](auto c, auto t, auto x, auto y) {
            out.at((c * s + x % s) * s + y % s, t, x / s, y / s) = in.at(c, t, x, y);
        });
        return out;
    }

    static Volume unfold(Volume& in, std::int64_t s) {
        Volume out(in.c / (s * s), in.t, in.x * s, in.y * s);
        everywhere(out, [&](auto c, auto t, auto x, auto y) {
            out.at(c, t, x, y) = in.at((c * s + x % s) * s + y % s, t, x / s, y / s);
        });
        return out;
    }

    [[nodiscard]] Volume run(Volume in, const std::string& coder) const {
        const bool encodes = coder == "encoder";
        Volume x = encodes ? fold(in, spec.patch) : std::move(in);
        x = product(x, coder + ".in");
        for (std::int64_t level = 0; level < spec.levels(); ++level) {
            const std::string name = coder + ".levels." + std::to_string(level);
            for (std::int64_t b = 0; b < spec.blocks; ++b) {
                x = block(std::move(x), name + ".blocks." + std::to_string(b));
            }
            if (level < spec.halvings && encodes) {
                x = fold(x, 2);
                x = product(x, name + ".change");
            } else if (level < spec.halvings) {
                x = product(x, name + ".change");
                x = unfold(x, 2);
            }
        }
        x = norm(x, coder + ".norm");
        x = product(x, coder + ".out");
        return encodes ? x : unfold(x, spec.patch);
    }
};

Volume volumeOf(const at::Tensor& clip) { // [C, T, X, Y]
    const at::Tensor whole = clip.detach().to(at::kDouble).contiguous();
    Volume volume(whole.size(0), whole.size(1), whole.size(2), whole.size(3));
    std::copy_n(whole.const_data_ptr<double>(), volume.values.size(), volume.values.begin());
    return volume;
}

double furthest(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

thread_local double t_macs = 0;

/// A product over a window: numbers of the output times weights of one of its channels. Counted
/// when it begins: later its inputs are gone.
std::unique_ptr<at::ObserverContext> countConvolution(const at::RecordFunction& function) {
    if (std::string(function.name()) == "aten::convolution") {
        const auto in = function.inputs();
        const at::Tensor& x = in[0].toTensor();
        const at::Tensor& weight = in[1].toTensor();
        const auto stride = in[3].toIntVector(), padding = in[4].toIntVector();
        auto made = static_cast<double>(x.size(0) * weight.size(0));
        for (std::size_t axis = 0; axis < 3; ++axis) { // one number stands for all three
            const auto at = static_cast<std::int64_t>(axis) + 2;
            const std::int64_t step = stride[std::min(axis, stride.size() - 1)];
            const std::int64_t pad = padding[std::min(axis, padding.size() - 1)];
            made *= static_cast<double>((x.size(at) + 2 * pad - weight.size(at)) / step + 1);
        }
        t_macs += made * static_cast<double>(weight.numel() / weight.size(0));
    }
    return nullptr;
}

std::string messageOf(const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        return error.message() + " " + error.hint();
    }
    return {};
}

} // namespace

class TestAutoencoder : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void equalsLoopsOverNumbers() {
        const c10::NoGradGuard noGrad;
        const spec::AutoencoderSpec spec = smallAutoencoder();
        models::Autoencoder model = busyAutoencoder(spec, at::kDouble);
        Loops loops{spec, {}};
        for (const models::DistinctWeight& weight : models::weightsOf(spec, model.weights())) {
            loops.tensors[weight.key] = weight.tensor;
        }
        const at::Tensor pixels = randomPixels(spec, 1, at::kDouble);
        const at::Tensor latents = model.encode(pixels);
        QCOMPARE(latents.sizes().vec(), (std::vector<std::int64_t>{1, 3, 5, 2, 3}));
        const at::Tensor frames = model.decode(latents);
        QCOMPARE(frames.sizes(), pixels.sizes());
        const Volume known = loops.run(volumeOf(pixels[0]), "encoder");
        const Volume again = loops.run(known, "decoder");
        const std::vector<std::pair<const Volume*, Volume>> pairs{{&known, volumeOf(latents[0])},
                                                                  {&again, volumeOf(frames[0])}};
        for (const auto& [wanted, made] : pairs) {
            QCOMPARE(made.values.size(), wanted->values.size());
            for (std::size_t i = 0; i < made.values.size(); ++i) {
                QVERIFY(std::abs(made.values[i] - wanted->values[i]) < kDouble);
            }
        }
    }

    /// Bit for bit: a later frame is not seen.
    void laterFramesChangeNothingBefore() {
        const c10::NoGradGuard noGrad;
        const spec::AutoencoderSpec spec = smallAutoencoder();
        const models::Autoencoder model = busyAutoencoder(spec, at::kFloat);
        const at::Tensor pixels = randomPixels(spec, 2, at::kFloat);
        const at::Tensor latents = model.encode(pixels), frames = model.decode(latents);
        for (std::int64_t t = 1; t < spec.clip.frames; ++t) {
            at::Tensor other = pixels.clone();
            other.narrow(kTime, t, 1).mul_(-1);
            const at::Tensor changed = model.encode(other), made = model.decode(changed);
            QVERIFY(at::equal(changed.narrow(kTime, 0, t), latents.narrow(kTime, 0, t)));
            QVERIFY(at::equal(made.narrow(kTime, 0, t), frames.narrow(kTime, 0, t)));
            QVERIFY(!at::equal(changed.select(kTime, t), latents.select(kTime, t)));
            QVERIFY(!at::equal(made.select(kTime, t), frames.select(kTime, t)));
            // Each coder for itself.
            at::Tensor latent = latents.clone();
            latent.narrow(kTime, t, 1).mul_(-1);
            QVERIFY(
                at::equal(model.decode(latent).narrow(kTime, 0, t), frames.narrow(kTime, 0, t)));
        }
    }

    /// A picture is a clip that stands still.
    void firstFrameStandsAlone() {
        const c10::NoGradGuard noGrad;
        const spec::AutoencoderSpec spec = smallAutoencoder();
        const models::Autoencoder model = busyAutoencoder(spec, at::kDouble);
        const at::Tensor pixels = randomPixels(spec, 1, at::kDouble);
        const at::Tensor first = model.encode(pixels.narrow(kTime, 0, 1));
        QVERIFY(furthest(first, model.encode(pixels).narrow(kTime, 0, 1)) < kDouble);
        const at::Tensor still = pixels.narrow(kTime, 0, 1).expand(pixels.sizes());
        QVERIFY(furthest(first, model.encode(still)) < kDouble);
    }

    void framesInPieces_data() {
        QTest::addColumn<std::vector<std::int64_t>>("pieces");
        QTest::addColumn<int>("blocks");
        QTest::newRow("one by one") << std::vector<std::int64_t>{1, 1, 1, 1, 1} << 1;
        QTest::newRow("two blocks") << std::vector<std::int64_t>{1, 1, 3} << 2;
        QTest::newRow("more than it remembers") << std::vector<std::int64_t>{4, 1} << 1;
    }

    /// Frames in pieces, with what was kept of those before, are the whole clip's.
    void framesInPieces() {
        QFETCH(std::vector<std::int64_t>, pieces);
        QFETCH(int, blocks);
        const c10::NoGradGuard noGrad;
        for (const auto& [dtype, tolerance] :
             {std::pair{at::kDouble, kDouble}, std::pair{at::kFloat, kFloatRoutes}}) {
            spec::AutoencoderSpec spec = smallAutoencoder();
            spec.blocks = blocks;
            const models::Autoencoder model = busyAutoencoder(spec, dtype);
            const at::Tensor pixels = randomPixels(spec, 2, dtype);
            const at::Tensor latents = model.encode(pixels), frames = model.decode(latents);
            models::CausalState encoding, decoding;
            std::int64_t first = 0;
            for (const std::int64_t count : pieces) {
                const at::Tensor part = model.encode(pixels.narrow(kTime, first, count), &encoding);
                QVERIFY(furthest(part, latents.narrow(kTime, first, count)) < tolerance);
                const at::Tensor made =
                    model.decode(latents.narrow(kTime, first, count), &decoding);
                QVERIFY(furthest(made, frames.narrow(kTime, first, count)) < tolerance);
                first += count;
            }
            QCOMPARE(encoding.frames.size(), static_cast<std::size_t>(blocks));
        }
    }

    /// Of every tensor and of the pixels, against central differences.
    void gradientsAreThoseOfDifferences() {
        const spec::AutoencoderSpec spec = smallAutoencoder();
        models::Autoencoder model = busyAutoencoder(spec, at::kDouble);
        at::Tensor pixels = randomPixels(spec, 1, at::kDouble);
        const at::Tensor direction = randomPixels(spec, 2, at::kDouble).narrow(0, 1, 1);
        const auto value = [&] { return (model.decode(model.encode(pixels)) * direction).sum(); };
        std::vector<models::DistinctWeight> all = models::weightsOf(spec, model.weights());
        all.push_back({"pixels", pixels});
        for (const models::DistinctWeight& weight : all) {
            weight.tensor.set_requires_grad(true);
        }
        value().backward();
        const c10::NoGradGuard noGrad;
        constexpr double kStep = 1e-5, kOfDifferences = 1e-6; // their own error: step², rounding
        for (const models::DistinctWeight& weight : all) {
            const at::Tensor numbers = weight.tensor.flatten();
            const at::Tensor gradient = weight.tensor.grad().flatten();
            for (const std::int64_t i : {std::int64_t{0}, numbers.numel() / 2}) {
                const double before = numbers[i].item<double>();
                numbers[i].fill_(before + kStep);
                const double above = value().item<double>();
                numbers[i].fill_(before - kStep);
                const double below = value().item<double>();
                numbers[i].fill_(before);
                const double slope = (above - below) / (2 * kStep),
                             known = gradient[i].item<double>();
                QVERIFY2(std::abs(slope - known) < kOfDifferences * (1 + std::abs(known)),
                         weight.key.c_str());
            }
        }
    }

    /// docs/video_models.md, "Autoencoder": the figures of the demo, worked out by hand.
    void countsAreTheClosedForm() {
        const spec::AutoencoderSpec& demo = spec::findAutoencoderPreset("video-ae-demo")->model;
        const auto parts = spec::plannedParameters(demo);
        QCOMPARE(parts.size(), std::size_t{2});
        QCOMPARE(parts[0].count, std::int64_t{135'624});
        QCOMPARE(parts[1].count, std::int64_t{135'728});
        QCOMPARE(spec::autoencoderMacs(demo).encoder, 349'175'808.0);
        QCOMPARE(spec::autoencoderMacs(demo).total(), 698'351'616.0);
        models::AutoencoderWeights weights = models::randomAutoencoderWeights(demo, 1);
        std::int64_t count = 0;
        for (const models::DistinctWeight& weight : models::weightsOf(demo, weights)) {
            count += weight.tensor.numel();
        }
        QCOMPARE(count, std::int64_t{271'352});
    }

    /// LibTorch's own record of every convolution; no other operator multiplies by weights.
    void macsAreThoseOfTheOperators() {
        const c10::NoGradGuard noGrad;
        const spec::AutoencoderSpec spec = smallAutoencoder();
        const models::Autoencoder model = busyAutoencoder(spec, at::kFloat);
        const at::Tensor pixels = randomPixels(spec, 1, at::kFloat);
        t_macs = 0;
        const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&countConvolution)
                                                           .needsInputs(true)
                                                           .scopes({at::RecordScope::FUNCTION}));
        const at::Tensor latents = model.encode(pixels);
        const double encoder = t_macs;
        static_cast<void>(model.decode(latents));
        at::removeCallback(handle);
        QCOMPARE(encoder, spec::autoencoderMacs(spec).encoder);
        QCOMPARE(t_macs, spec::autoencoderMacs(spec).total());
    }

    void refusesPartsOfPositions() {
        const spec::AutoencoderSpec spec = smallAutoencoder();
        const models::Autoencoder model = busyAutoencoder(spec, at::kFloat);
        const std::string message = messageOf([&] {
            static_cast<void>(model.encode(at::zeros({1, 3, 2, 8, 10})));
        });
        QVERIFY2(message.find("10 x 8") != std::string::npos, message.c_str());
        QVERIFY(message.find("multiples of 4") != std::string::npos);
        // Other whole numbers of positions, and of frames, are clips too.
        QCOMPARE(model.encode(at::zeros({1, 3, 2, 4, 20})).size(4), std::int64_t{5});
    }
};

QTEST_GUILESS_MAIN(TestAutoencoder)
#include "tst_autoencoder.moc"
