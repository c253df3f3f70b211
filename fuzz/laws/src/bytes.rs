/// Arbitrary bytes, taken from the front; zeros once they have run out.
pub(crate) struct Bytes<'d>(pub(crate) &'d [u8]);

impl<'d> Bytes<'d> {
    pub(crate) fn byte(&mut self) -> u8 {
        let [byte] = self.take();
        byte
    }

    pub(crate) fn number(&mut self) -> u64 {
        u64::from_be_bytes(self.take())
    }

    /// So many bytes, or as many as are left.
    pub(crate) fn some(&mut self, count: usize) -> &'d [u8] {
        let (head, tail) = self.0.split_at(count.min(self.0.len()));
        self.0 = tail;
        head
    }

    pub(crate) fn rest(self) -> &'d [u8] {
        self.0
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        let head = self.some(N);
        taken[..head.len()].copy_from_slice(head);
        taken
    }
}
