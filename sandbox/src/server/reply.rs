//! Bodies that are sent whole, in half, for ever, or byte by byte.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::{Delivery, hang_up};
use crate::http::Answer;

/// How much of an endless body is sent at a time.
const CHUNK: usize = 64 * 1024;

/// A body on its way.
pub(crate) enum Reply {
    Whole(Option<Bytes>),
    Pieces(mpsc::Receiver<io::Result<Bytes>>),
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(pieces) => pieces.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}

/// Sends the answer as it is.
pub(super) fn whole(answer: Answer) -> io::Result<hyper::Response<Reply>> {
    deliver(answer, Delivery::Whole)
}

/// Sends the answer in the given manner.
pub(super) fn deliver(answer: Answer, delivery: Delivery) -> io::Result<hyper::Response<Reply>> {
    let mut response = hyper::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let body = answer.body;
    let reply = match delivery {
        Delivery::Whole => Reply::Whole((!body.is_empty()).then_some(body)),
        Delivery::Half => {
            response = response.header("content-length", body.len());
            half(body)
        }
        Delivery::Endless => endless(),
        Delivery::Drip(pause) => {
            response = response.header("content-length", body.len());
            drip(body, pause)
        }
    };
    response.body(reply).map_err(io::Error::other)
}

fn half(body: Bytes) -> Reply {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        // A receiver that is gone is a client that is gone.
        let _ = sender.send(Ok(body.slice(..body.len() / 2))).await;
        // The half must be on the wire before the connection goes.
        tokio::task::yield_now().await;
        let _ = sender.send(Err(hang_up())).await;
    });
    Reply::Pieces(receiver)
}

fn endless() -> Reply {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        let mut piece = Bytes::from_static(b"{\"login\":\"");
        while sender.send(Ok(piece)).await.is_ok() {
            piece = Bytes::from_static(&[b'a'; CHUNK]);
        }
    });
    Reply::Pieces(receiver)
}

fn drip(body: Bytes, pause: std::time::Duration) -> Reply {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for at in 0..body.len() {
            if sender.send(Ok(body.slice(at..=at))).await.is_err() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    });
    Reply::Pieces(receiver)
}
