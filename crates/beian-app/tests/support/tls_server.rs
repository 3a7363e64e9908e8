//! A server that shows certificates.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::authority::Issued;

/// A server that shakes hands, and says nothing more.
pub(crate) struct Server {
    address: SocketAddr,
    config: Arc<Mutex<Option<Arc<rustls::ServerConfig>>>>,
}

impl Server {
    /// A server that shows nothing yet.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), config: Arc::default() };
        let config = server.config.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let config = config.lock().unwrap().clone();
                tokio::spawn(async move {
                    match config {
                        Some(config) => {
                            let _ = tokio_rustls::TlsAcceptor::from(config).accept(stream).await;
                        }
                        None => {
                            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                        }
                    }
                });
            }
        });
        server
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn shows(&self, issued: &Issued) {
        *self.config.lock().unwrap() = Some(issued.server());
    }

    pub(crate) fn speaks_no_tls(&self) {
        *self.config.lock().unwrap() = None;
    }
}
