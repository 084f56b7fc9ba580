//! Text in an encoding that needs tables, as UTF-8, by the decoders of the WHATWG's standard. A
//! browser has the same, so the same bytes become the same text in both.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};
use tidemill_core::{Fault, FaultKind};

/// Bytes that are read at once.
const PIECE: usize = 1 << 16;

/// A text that is decoded as it is read. What is no character becomes U+FFFD.
pub struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// What of `raw` is not decoded yet.
    at: usize,
    filled: usize,
    ended: bool,
    /// What is decoded and did not fit.
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read> Transcoded<R> {
    /// `name` is one of the standard's.
    pub fn new(inner: R, name: &str) -> Result<Transcoded<R>, Fault> {
        let encoding = Encoding::for_label(name.as_bytes()).ok_or_else(|| {
            Fault::new(
                FaultKind::Input,
                "encoding",
                format!("\"{name}\""),
                "a name of the WHATWG's standard",
            )
        })?;
        Ok(Transcoded {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; PIECE],
            at: 0,
            filled: 0,
            ended: false,
            ready: Vec::new(),
            given: 0,
        })
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.given < self.ready.len() {
                let take = into.len().min(self.ready.len() - self.given);
                into[..take].copy_from_slice(&self.ready[self.given..self.given + take]);
                self.given += take;
                return Ok(take);
            }
            if self.ended || into.is_empty() {
                return Ok(0);
            }
            if self.at == self.filled {
                self.at = 0;
                self.filled = self.inner.read(&mut self.raw)?;
            }
            let last = self.filled == 0;
            let piece = &self.raw[self.at..self.filled];
            // The least that the decoder may ask for is a few bytes.
            self.ready.resize(PIECE * 3 + 16, 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(piece, &mut self.ready, last);
            self.ready.truncate(written);
            self.given = 0;
            self.at += read;
            self.ended = last && result == CoderResult::InputEmpty;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes a call.
    struct Drip(Vec<u8>, usize);

    impl Read for Drip {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let take = self.1.min(self.0.len()).min(into.len());
            into[..take].copy_from_slice(&self.0[..take]);
            self.0.drain(..take);
            Ok(take)
        }
    }

    #[test]
    fn a_text_is_the_same_however_it_is_read() {
        let text = "姓名,城市\n王小明,北京\n李娜,上海€\n".repeat(50);
        let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
        for size in [1, 2, 3, 7, 100_000] {
            let drip = Drip(bytes.to_vec(), size);
            let mut out = String::new();
            Transcoded::new(drip, "gb18030")
                .unwrap()
                .read_to_string(&mut out)
                .unwrap();
            assert_eq!(out, text, "{size}");
        }
        // A character that the end cuts.
        let mut out = String::new();
        let cut = Drip(vec![b'a', 0xb0], 1);
        Transcoded::new(cut, "gb18030")
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        assert_eq!(out, "a\u{fffd}");
    }

    /// Small tables of people and places, as they are exported all over the world.
    const TABLES: &[(&str, &str)] = &[
        (
            "gb18030",
            "姓名,城市,日期,备注\n王小明,北京,2024年3月5日,质量很好\n李娜,上海,2024年3月6日,发货太慢\n张伟,广州,2024年3月7日,一般\n",
        ),
        ("gb18030", "订单号,商品\n1,苹果\n2,香蕉\n"),
        (
            "big5",
            "姓名,城市,日期,備註\n王小明,臺北,2024年3月5日,品質很好\n李娜,高雄,2024年3月6日,出貨太慢\n張偉,臺中,2024年3月7日,一般\n",
        ),
        (
            "shift_jis",
            "名前,都市,備考\n山田太郎,東京,とても良い\n佐藤花子,大阪,カタカナのテスト\n鈴木一郎,名古屋,ふつうです\n",
        ),
        (
            "euc-jp",
            "名前,都市,備考\n山田太郎,東京,とても良い\n佐藤花子,大阪,カタカナのテスト\n鈴木一郎,名古屋,ふつうです\n",
        ),
        (
            "euc-kr",
            "이름,도시,비고\n김철수,서울,매우 좋음\n이영희,부산,배송이 느립니다\n박민수,대구,보통입니다\n",
        ),
        (
            "windows-1252",
            "nom,ville\nRené,Orléans\nFrançois,Besançon\nHélène,Nîmes\n",
        ),
        (
            "windows-1252",
            "Name,Straße\nMüller,Königsallee 5\nGrößmann,Äußere Ring 3\n",
        ),
        ("windows-1252", "item,price\ntea,\u{20ac}5\ncafé,£6\n"),
        (
            "windows-1250",
            "imię,miasto\nŁukasz,Łódź\nMałgorzata,Białystok\nStanisław,Wrocław\n",
        ),
        (
            "windows-1250",
            "jméno,město\nJiří,Třebíč\nTomáš,Děčín\nŘehoř,Plzeň\n",
        ),
        (
            "windows-1251",
            "имя,город,примечание\nИван,Москва,очень хорошо\nМария,Казань,доставка медленная\n",
        ),
        (
            "koi8-r",
            "имя,город,примечание\nИван,Москва,очень хорошо\nМария,Казань,доставка медленная\n",
        ),
        (
            "windows-1253",
            "όνομα,πόλη,σχόλια\nΓιώργος,Αθήνα,πολύ καλό\nΜαρία,Θεσσαλονίκη,αργή παράδοση\n",
        ),
        (
            "windows-1254",
            "ad,şehir\nŞükrü,Diyarbakır\nIşıl,Eskişehir\nÇağrı,Kırşehir\n",
        ),
        (
            "windows-1255",
            "שם,עיר,הערות\nדוד,ירושלים,טוב מאוד\nשרה,חיפה,משלוח איטי\n",
        ),
        (
            "windows-1256",
            "الاسم,المدينة,ملاحظات\nمحمد,القاهرة,جيد جدا\nفاطمة,الرياض,التوصيل بطيء\n",
        ),
        (
            "windows-874",
            "ชื่อ,เมือง,หมายเหตุ\nสมชาย,กรุงเทพ,ดีมาก\nสมหญิง,เชียงใหม่,ส่งช้า\n",
        ),
    ];

    #[test]
    fn the_encoding_of_a_table_is_found_and_its_text_comes_back() {
        use tidemill_core::sniff::charset::charset;
        for (name, text) in TABLES {
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            let (bytes, used, lossy) = encoding.encode(text);
            assert!(!lossy && used == encoding, "{name}");
            let found = charset(&bytes, None);
            assert_eq!(&found.name, name, "{text}");
            let mut out = String::new();
            let drip = Drip(bytes.to_vec(), 5);
            Transcoded::new(drip, name)
                .unwrap()
                .read_to_string(&mut out)
                .unwrap();
            assert_eq!(&out, text);
            assert_eq!(charset(text.as_bytes(), None).name, "utf-8");
        }
    }

    #[test]
    fn every_name_that_can_be_stated_has_a_decoder() {
        for name in tidemill_core::sniff::charset::names() {
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            assert_eq!(encoding.name().to_lowercase(), name);
        }
    }

    #[test]
    fn the_core_decodes_windows_1252_as_the_standard_does() {
        use tidemill_core::decode::{Decoding, Unicode};
        let bytes: Vec<u8> = (0..=255).collect();
        let (expect, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
        let decoding = Decoding {
            from: Unicode::Windows1252,
            wide: None,
        };
        assert_eq!(decoding.all(&bytes), expect.as_bytes());
    }
}
