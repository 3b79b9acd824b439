//! Header names: one table for long and compact forms (RFC 3261 §7.3.3).

macro_rules! names {
    ($($name:ident = $long:literal $(, $compact:literal)?;)+) => {
        /// A header this program reads; everything else is [`Name::Other`].
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
        #[allow(missing_docs, reason = "each is named like its header")]
        pub enum Name {
            $($name,)+
            #[default]
            Other,
        }
        impl Name {
            /// The long form, as it is written.
            pub const fn long(self) -> &'static str {
                match self { $(Name::$name => $long,)+ Name::Other => "" }
            }
            /// Every name, once.
            pub const ALL: &[Name] = &[$(Name::$name,)+];

            fn of_compact(letter: u8) -> Name {
                $($(if letter == $compact { return Name::$name; })?)+
                Name::Other
            }
        }
    };
}

names! {
    Via = "Via", b'v';
    From = "From", b'f';
    To = "To", b't';
    CallId = "Call-ID", b'i';
    CSeq = "CSeq";
    MaxForwards = "Max-Forwards";
    Contact = "Contact", b'm';
    Route = "Route";
    RecordRoute = "Record-Route";
    ContentLength = "Content-Length", b'l';
    ContentType = "Content-Type", b'c';
    ContentEncoding = "Content-Encoding", b'e';
    Require = "Require";
    ProxyRequire = "Proxy-Require";
    Supported = "Supported", b'k';
    Unsupported = "Unsupported";
    Allow = "Allow";
    Accept = "Accept";
    Expires = "Expires";
    MinExpires = "Min-Expires";
    Authorization = "Authorization";
    ProxyAuthorization = "Proxy-Authorization";
    WwwAuthenticate = "WWW-Authenticate";
    ProxyAuthenticate = "Proxy-Authenticate";
    Reason = "Reason";
    RetryAfter = "Retry-After";
    UserAgent = "User-Agent";
    Server = "Server";
    PAssertedIdentity = "P-Asserted-Identity";
    Privacy = "Privacy";
    Warning = "Warning";
    Timestamp = "Timestamp";
    SessionExpires = "Session-Expires", b'x';
    MinSe = "Min-SE";
    Diversion = "Diversion";
    HistoryInfo = "History-Info";
    ReferTo = "Refer-To", b'r';
    Event = "Event", b'o';
}

impl Name {
    /// Which header a name on the wire is; case does not matter.
    pub fn of(wire: &str) -> Name {
        use Name::*;
        if let [letter] = wire.as_bytes() {
            return Name::of_compact(letter.to_ascii_lowercase());
        }
        let candidates: &[Name] = match wire.len() {
            2 => &[To],
            3 => &[Via],
            4 => &[From, CSeq],
            5 => &[Route, Allow, Event],
            6 => &[Accept, Reason, Server, MinSe],
            7 => &[CallId, Contact, Require, Expires, Privacy, Warning],
            8 => &[ReferTo],
            9 => &[Supported, Timestamp, Diversion],
            10 => &[UserAgent],
            11 => &[Unsupported, MinExpires, RetryAfter],
            12 => &[MaxForwards, RecordRoute, ContentType, HistoryInfo],
            13 => &[ProxyRequire, Authorization],
            14 => &[ContentLength],
            15 => &[SessionExpires],
            16 => &[ContentEncoding, WwwAuthenticate],
            18 => &[ProxyAuthenticate],
            19 => &[ProxyAuthorization, PAssertedIdentity],
            _ => &[],
        };
        candidates.iter().copied().find(|c| c.long().eq_ignore_ascii_case(wire)).unwrap_or(Other)
    }

    /// Whether a message may have it only once (RFC 3261 §7.3.1: those that are no comma-separated list and decide something).
    pub const fn is_single(self) -> bool {
        matches!(
            self,
            Name::From
                | Name::To
                | Name::CallId
                | Name::CSeq
                | Name::MaxForwards
                | Name::ContentLength
                | Name::ContentType
                | Name::Expires
                | Name::MinExpires
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_by_its_long_form_in_any_case() {
        for &name in Name::ALL {
            assert_eq!(Name::of(name.long()), name);
            assert_eq!(Name::of(&name.long().to_ascii_uppercase()), name);
            assert_eq!(Name::of(&name.long().to_ascii_lowercase()), name);
        }
    }

    #[test]
    fn compact_forms() {
        for (compact, name) in [
            ("v", Name::Via),
            ("F", Name::From),
            ("t", Name::To),
            ("i", Name::CallId),
            ("m", Name::Contact),
            ("L", Name::ContentLength),
            ("c", Name::ContentType),
            ("e", Name::ContentEncoding),
            ("k", Name::Supported),
            ("x", Name::SessionExpires),
            ("z", Name::Other),
            ("", Name::Other),
        ] {
            assert_eq!(Name::of(compact), name, "{compact}");
        }
    }
}
