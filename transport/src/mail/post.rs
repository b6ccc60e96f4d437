//! Letters by SMTP, one after the other, from a thread of their own.
//!
//! A mail server that does not answer, or asks to come back later, is tried again for about half an hour; what it
//! refuses for good is not. Letters wait in memory: those of a program that ends are lost, and can be asked for again.
//! Invariant: whoever sends never waits, and a letter that was given up is said loudly, without its text.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::{Message, SmtpTransport, Transport as _};

use super::letter::{letter, masked, report_letter};
use super::{Mailer, ReportLetter};

/// Letters that wait; one is about 2 KB.
const WAITING_MAX: usize = 1_000;
/// Between the tries of one letter.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(1_500),
];
/// For each step of the conversation with the mail server.
const STEP: Duration = Duration::from_secs(20);

/// Why no mail can be sent so.
#[derive(Debug, thiserror::Error)]
pub enum BadPost {
    /// The sender.
    #[error("{0} is no e-mail address, such as `SmartQueue <no-reply@example.com>`")]
    From(String),
    /// The server's address. It is not shown, because it holds the password.
    #[error(
        "the address of the mail server cannot be used: {0}; give smtps://user:password@host, \
         smtp://user:password@host:587?tls=required, or smtp://host:25 without TLS"
    )]
    Server(String),
    /// The system gave no thread.
    #[error("no thread for mail: {0}")]
    Thread(#[from] std::io::Error),
}

/// Hands letters to a mail server.
pub struct Post {
    from: Mailbox,
    letters: SyncSender<(String, Message)>,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("from", &self.from).finish_non_exhaustive()
    }
}

/// # Errors
/// [`BadPost::From`] for what is no address.
pub(super) fn address(from: &str) -> Result<Mailbox, BadPost> {
    from.parse().map_err(|_| BadPost::From(from.to_owned()))
}

impl Post {
    /// By the mail server of `url`: `smtps://user:password@host`, or `smtp://user:password@host:587?tls=required`.
    ///
    /// # Errors
    /// When either address cannot be used. Whether the server answers is found out with the first letter.
    pub fn new(url: &str, from: &str) -> Result<Self, BadPost> {
        Self::pausing(url, from, &PAUSES)
    }

    /// Whether [`Post::new`] would take these.
    ///
    /// # Errors
    /// As there.
    pub fn check(url: &str, from: &str) -> Result<(), BadPost> {
        address(from)?;
        SmtpTransport::from_url(url).map(drop).map_err(|error| BadPost::Server(error.to_string()))
    }

    fn pausing(url: &str, from: &str, pauses: &'static [Duration]) -> Result<Self, BadPost> {
        let from = address(from)?;
        let server =
            SmtpTransport::from_url(url).map_err(|error| BadPost::Server(error.to_string()))?;
        let server = server.timeout(Some(STEP)).build();
        let (letters, waiting) = sync_channel(WAITING_MAX);
        thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || deliver(&server, &waiting, pauses))?;
        Ok(Self { from, letters })
    }
}

impl Mailer for Post {
    fn send(&self, to: &str, subject: &str, text: &str) {
        self.take(to, letter(&self.from, to, subject, text));
    }

    fn send_report(&self, to: &str, report: &ReportLetter) {
        self.take(to, report_letter(&self.from, to, report));
    }
}

impl Post {
    fn take(&self, to: &str, letter: Result<Message, String>) {
        let lost = match letter {
            Err(error) => error,
            Ok(letter) => match self.letters.try_send((masked(to), letter)) {
                Ok(()) => return,
                Err(TrySendError::Full(_)) => "too many letters wait".to_owned(),
                Err(TrySendError::Disconnected(_)) => "the thread for mail has ended".to_owned(),
            },
        };
        let to = masked(to);
        tracing::error!(error = %lost, "a letter to {to} was not sent; it must be asked for again");
    }
}

fn deliver(server: &SmtpTransport, waiting: &Receiver<(String, Message)>, pauses: &[Duration]) {
    while let Ok((to, letter)) = waiting.recv() {
        if let Err(error) = hand_over(server, &letter, pauses) {
            tracing::error!(%error, "a letter to {to} was given up; it must be asked for again");
        }
    }
}

fn hand_over(server: &SmtpTransport, letter: &Message, pauses: &[Duration]) -> Result<(), Error> {
    for pause in pauses {
        match server.send(letter) {
            Ok(_) => return Ok(()),
            Err(error) if error.is_permanent() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "the mail server is tried again in {} s", pause.as_secs());
                thread::sleep(*pause);
            }
        }
    }
    server.send(letter).map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    const QUICK: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(10)];

    /// A mail server that answers `RCPT TO` with what `answers` says, then with 250, and tells what it accepted.
    fn server(answers: Vec<&'static str>) -> (String, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (tell, told) = channel();
        thread::spawn(move || {
            let mut answers = answers.into_iter();
            for stream in listener.incoming() {
                converse(&stream.unwrap(), &mut answers, &tell);
            }
        });
        (url, told)
    }

    fn converse(
        stream: &TcpStream,
        answers: &mut impl Iterator<Item = &'static str>,
        tell: &Sender<String>,
    ) {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let say = |text: &str| {
            let mut stream = stream;
            stream.write_all(text.as_bytes()).is_ok()
        };
        say("220 mail.example ESMTP\r\n");
        while let Some(line) = lines.next() {
            let verb = line.split([' ', ':']).next().unwrap().to_uppercase();
            let going_on = match verb.as_str() {
                "EHLO" => say("250-mail.example\r\n250 8BITMIME\r\n"),
                "RCPT" => say(&format!("{}\r\n", answers.next().unwrap_or("250 fine"))),
                "DATA" => {
                    say("354 go on\r\n");
                    let text: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                    tell.send(text.join("\n")).unwrap();
                    say("250 taken\r\n")
                }
                "QUIT" => {
                    say("221 bye\r\n");
                    return;
                }
                _ => say("250 fine\r\n"),
            };
            if !going_on {
                return;
            }
        }
    }

    fn post(url: &str) -> Post {
        Post::pausing(url, "Banque <no-reply@bank.example>", &QUICK).unwrap()
    }

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn a_letter_reaches_the_mail_server() {
        let (url, told) = server(Vec::new());
        post(&url).send("awa@bank.example", "Bienvenue", "https://q.example/invite/x");
        let letter = told.recv_timeout(SOON).unwrap();
        assert!(letter.contains("From: Banque <no-reply@bank.example>"), "{letter}");
        assert!(letter.contains("Subject: Bienvenue") && letter.contains("/invite/x"), "{letter}");
    }

    #[test]
    fn who_asks_to_come_back_is_tried_again_and_a_refusal_is_final() {
        let (url, told) = server(vec!["451 later", "451 later", "250 fine", "550 nobody here"]);
        let post = post(&url);
        post.send("later@bank.example", "first", "one");
        post.send("nobody@bank.example", "second", "two");
        post.send("awa@bank.example", "third", "three");
        let subjects: Vec<String> = (0..2)
            .map(|_| told.recv_timeout(SOON).unwrap())
            .map(|letter| {
                letter.lines().find(|line| line.starts_with("Subject")).unwrap().to_owned()
            })
            .collect();
        assert_eq!(subjects, ["Subject: first", "Subject: third"]);
        assert!(told.recv_timeout(Duration::from_millis(200)).is_err(), "each once");
    }

    #[test]
    fn a_mail_server_that_is_away_is_waited_for_and_then_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let post = post(&format!("smtp://{address}"));
        post.send("awa@bank.example", "first", "one");
        drop(post);
    }

    #[test]
    fn what_cannot_be_used_is_said_without_the_password() {
        let wrong = Post::new("https://user:secret@host", "a@b.example").unwrap_err().to_string();
        assert!(wrong.contains("smtps://") && !wrong.contains("secret"), "{wrong}");
        assert!(matches!(Post::new("smtp://host", "nobody"), Err(BadPost::From(_))));
    }
}
