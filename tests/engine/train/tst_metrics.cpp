// SPDX-License-Identifier: MIT
// Curves as text and TensorBoard event files, against bytes written by TensorBoard's own writer and
// the check value of CRC-32C.
#include "engine/train/event_file.h"
#include "engine/train/metrics.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace depthscope;

namespace {

std::uint64_t littleEndian(const std::string& bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes.at(at + i))) << (8 * i);
    }
    return value;
}

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// CRC-32C of "123456789" is 0xe3069283 (RFC 3720); the mask is TFRecord's.
    void crc() {
        const std::uint32_t crc = 0xe3069283U;
        QCOMPARE(train::maskedCrc("123456789"), ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U);
    }

    void eventFile() {
        const QTemporaryDir temporary;
        const std::filesystem::path folder = temporary.path().toStdString();
        {
            train::EventFile file(folder, 1000.5);
            file.scalar("loss/train", 300, 1001.0, 2.5);
            file.flush();
        }
        const std::filesystem::path path = folder / "events.out.tfevents.1000.depthscope";
        std::ifstream stream(path, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
        std::vector<std::string> events;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t length = littleEndian(bytes, at, 8);
            QCOMPARE(littleEndian(bytes, at + 8, 4), train::maskedCrc(bytes.substr(at, 8)));
            events.push_back(bytes.substr(at + 12, length));
            QCOMPARE(littleEndian(bytes, at + 12 + length, 4), train::maskedCrc(events.back()));
            at += length + 16;
        }
        QCOMPARE(events.size(), std::size_t{2});
        QVERIFY(events[0].ends_with("brain.Event:2"));
        // wall_time 1001.0, step 300, summary{value{tag "loss/train", simple_value 2.5}}
        const unsigned char wanted[] = {0x09, 0,    0,    0,    0,    0,    0x48, 0x8f, 0x40,
                                        0x10, 0xac, 0x02, 0x2a, 0x13, 0x0a, 0x11, 0x0a, 0x0a,
                                        'l',  'o',  's',  's',  '/',  't',  'r',  'a',  'i',
                                        'n',  0x15, 0,    0,    0x20, 0x40};
        QCOMPARE(events[1].size(), sizeof wanted);
        QVERIFY(std::memcmp(events[1].data(), wanted, sizeof wanted) == 0);
    }

    void curveRoundTrip() {
        train::Evaluation point;
        point.step = 7;
        point.trainLoss = std::nan("");
        point.tokens = 700;
        point.flops = 1.5e9;
        point.seconds = 3.5;
        point.metrics = {{"val_loss", 2.25, "nats/token"},
                         {"mean_depth", 2, "recursions"},
                         {"load[1]", 1, "share"},
                         {"load[2]", 0.5, "share"}};
        const auto back = train::parseCurve(train::curveText({point}));
        QCOMPARE(back.size(), std::size_t{1});
        QCOMPARE(back[0].metric("val_loss"), 2.25);
        QVERIFY(std::isnan(back[0].trainLoss));
        QCOMPARE(back[0].tokens, std::int64_t{700});
        QCOMPARE(back[0].series("load"), (std::vector<double>{1, 0.5}));
        QVERIFY(train::parseCurve("[1, {}, {\"step\": \"x\"}]").empty());
        QVERIFY(train::parseCurve("nonsense").empty());
        // A file's keys are no names of series or counters: what was read can be written.
        const auto odd = train::parseCurve(
            "[{\"step\": 1, \"step[1]\": 2, \"validation\": [3], \"val_loss\": 4, \"x\": \"y\"}]");
        QVERIFY(train::curveText(odd).find("\"validation\":[3.0]") != std::string::npos);
        QVERIFY(train::curveCsv({point}).ends_with("7,,2.25,700,1.5e+09,3.5,2,1 0.5\n"));
    }
};

QTEST_APPLESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
